#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing but sekisho_* leaves the library: a caller's names stay his own.
# usage: exports_test.sh LIBRARY HEADER
set -eu
case $1 in
*.a) have=$(nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u) ;;
*) have=$(nm -D --defined-only "$1" | awk '{ print $NF }' | sort -u) ;;
esac
want=$(tr -d '\n' <"$2" | tr ';{' '\n\n' | sed -n 's/.*SEKISHO_EXPORT .*\b\(sekisho_[a-z_]*\)(.*/\1/p' | sort -u)
[ -n "$want" ] || { echo "no function found in $2"; exit 1; }
[ "$have" = "$want" ] || { echo "exported:"; echo "$have"; echo "in the header:"; echo "$want"; exit 1; }
echo "$(echo "$want" | wc -l) functions"
