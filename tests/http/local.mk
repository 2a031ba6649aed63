# tests/http/local.mk - tests of src/http/, two lines each (see tests/local.mk).
