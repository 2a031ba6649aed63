# tests/base/local.mk - tests of src/base/, two lines each (see tests/local.mk).
