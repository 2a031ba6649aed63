# tests/event/local.mk - tests of src/event/, two lines each (see tests/local.mk).
