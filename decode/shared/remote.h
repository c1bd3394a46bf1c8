/* SPDX-License-Identifier: Apache-2.0 */
/* remote - a path that makes Windows open something on another computer.
 *
 * Shortcuts of all kinds name such paths: \\host\share (SMB), \\host@SSL@443\DavWWWRoot (the WebDAV
 * redirector), file://host/share, and plain web addresses. Whoever reads one says it here. */
#pragma once
#include "decode/walk.h"

enum remote_kind {
    REMOTE_NONE,     /* on this computer, or no path at all */
    REMOTE_NEAR,     /* SMB to a host without a dot or to a private address: the house's own server */
    REMOTE_DOMAIN,   /* SMB to a host with a domain */
    REMOTE_ADDRESS,  /* SMB to a public address */
    REMOTE_WEBDAV,   /* SMB syntax over HTTP */
    REMOTE_WEB,      /* http, https, ftp */
    REMOTE_KINDS
};

/* What kind of path this is; *host_out is its host, empty when there is none. */
enum remote_kind remote_parse(struct arena *mem, slice path, slice *host_out);

/* Says remote.path, remote.host, remote.kind and remote.source when the path leads to another
 * computer, and the URL event with it. `source` names the field it stood in ("lnk.target"). */
enum remote_kind walk_remote(struct walk *w, slice path, struct range at, const char *source);

/* Says every such path inside a command line. At most 16. */
void walk_remote_in(struct walk *w, slice text, struct range at, const char *source);
