# SPDX-License-Identifier: MIT
# tinyweb.m4 - probes of compiler and linker flags.

# TW_LINKS(FLAGS, IF-YES, IF-NO): a program compiles and links with FLAGS and without a warning.
AC_DEFUN([TW_LINKS], [
    tw_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $1 -Werror"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
        [tw_links=yes], [tw_links=no])
    CFLAGS=$tw_save_CFLAGS
    AS_IF([test "$tw_links" = yes], [$2], [$3])
])

# TW_CFLAGS(VARIABLE, FLAGS): append each compiler flag that is understood.
AC_DEFUN([TW_CFLAGS], [
    for tw_flag in m4_normalize([$2]); do
        AC_MSG_CHECKING([whether $CC understands $tw_flag])
        tw_save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS $tw_flag -Werror"
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
            [AC_MSG_RESULT([yes]); $1="$$1 $tw_flag"],
            [AC_MSG_RESULT([no])])
        CFLAGS=$tw_save_CFLAGS
    done
])

# TW_LDFLAGS(VARIABLE, FLAGS): append each linker flag that is understood.
AC_DEFUN([TW_LDFLAGS], [
    for tw_flag in m4_normalize([$2]); do
        AC_MSG_CHECKING([whether the linker understands $tw_flag])
        TW_LINKS([$tw_flag], [AC_MSG_RESULT([yes]); $1="$$1 $tw_flag"], [AC_MSG_RESULT([no])])
    done
])

# TW_FORTIFY(VARIABLE): the highest level of _FORTIFY_SOURCE that this compiler and library do without
# a warning; none without optimisation, where the library can only complain.
AC_DEFUN([TW_FORTIFY], [
    AC_MSG_CHECKING([for _FORTIFY_SOURCE])
    tw_fortify=none
    for tw_level in 3 2; do
        tw_save_CPPFLAGS=$CPPFLAGS
        tw_save_CFLAGS=$CFLAGS
        CPPFLAGS="$CPPFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$tw_level"
        CFLAGS="$CFLAGS -Werror"
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <string.h>
#ifndef __OPTIMIZE__
#error not optimised
#endif
int main(void) { return 0; }
]])],
            [tw_fortify=$tw_level])
        CPPFLAGS=$tw_save_CPPFLAGS
        CFLAGS=$tw_save_CFLAGS
        test "$tw_fortify" = none || break
    done
    AC_MSG_RESULT([$tw_fortify])
    AS_IF([test "$tw_fortify" != none], [$1="$$1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$tw_fortify"])
])
