# tests/config/local.mk - tests of src/config/, two lines each (see tests/local.mk).
