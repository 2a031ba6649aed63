# tests/process/local.mk - tests of src/process/, two lines each (see tests/local.mk).
