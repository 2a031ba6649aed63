# tests/handler/local.mk - tests of src/handler/, two lines each (see tests/local.mk).
