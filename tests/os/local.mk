# tests/os/local.mk - tests of src/os/, two lines each (see tests/local.mk).
