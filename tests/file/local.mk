# tests/file/local.mk - tests of src/file/, two lines each (see tests/local.mk).
