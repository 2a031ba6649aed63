# tests/tool/local.mk - tests of src/tool/, two lines each (see tests/local.mk).
