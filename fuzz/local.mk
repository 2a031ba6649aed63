# fuzz/local.mk - libFuzzer targets.
