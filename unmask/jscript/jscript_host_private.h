/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of host objects. `v` is what they stand for (a URL, a path, a collection's name), `v2`
 * what they hold; what a script sets otherwise is kept in slots. */
#pragma once
#include "unmask/jscript/jscript_private.h"

enum js_host_kind {
    H_OTHER,
    H_WSCRIPT,
    H_SHELL,
    H_ENVIRONMENT,
    H_FOLDERS,
    H_SHORTCUT,
    H_SHELL_APP,
    H_FSO,
    H_FILE,
    H_TEXT_STREAM,
    H_HTTP,
    H_STREAM,
    H_XML,
    H_NODE,
    H_WMI,
    H_WMI_CLASS,
    H_SCHEDULE,
    H_BROWSER,
    H_DICTIONARY,
    H_COM_LAST = H_DICTIONARY,
    H_DOCUMENT,
    H_NAVIGATOR,
    H_LOCATION,
    H_ELEMENT,
    H_ELEMENTS,
    H_STYLE,
    H_BLOB,
    H_READER,
    H_CONSOLE,
    H_EXTERNAL,
    H_ACROBAT,
    H_RESPONSE
};
