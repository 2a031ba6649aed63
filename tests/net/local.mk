# tests/net/local.mk - tests of src/net/, two lines each (see tests/local.mk).
