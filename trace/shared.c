/* SPDX-License-Identifier: Apache-2.0 */
/* shared - see shared.h. A site adds nothing here: that is what --weak is for. */
#include "trace/shared.h"

enum scope {
    ALL,    /* the name and everything below it */
    HOST,   /* this host alone */
    TENANTS /* hosts below are of different owners, each its own */
};

static const struct {
    const char *name;
    enum scope scope;
} hosts[] = {
    /* files of anybody */
    { "dropbox.com", ALL },
    { "dropboxusercontent.com", ALL },
    { "box.com", ALL },
    { "mediafire.com", ALL },
    { "mega.nz", ALL },
    { "wetransfer.com", ALL },
    { "we.tl", ALL },
    { "transfer.sh", ALL },
    { "gigafile.nu", ALL },
    { "firestorage.jp", ALL },
    { "1drv.ms", ALL },
    { "live.com", ALL },
    { "docs.google.com", HOST },
    { "drive.google.com", HOST },
    { "drive.usercontent.google.com", HOST },
    { "storage.googleapis.com", HOST },
    { "googleusercontent.com", ALL },
    { "sites.google.com", HOST },
    { "s3.amazonaws.com", HOST },
    { "discord.com", ALL },
    { "discordapp.com", ALL },
    { "slack.com", ALL },
    { "telegram.org", ALL },
    { "t.me", HOST },
    { "github.com", ALL },
    { "raw.githubusercontent.com", HOST },
    { "githubusercontent.com", ALL },
    { "gitlab.com", ALL },
    { "bitbucket.org", ALL },
    { "pastebin.com", ALL },
    { "archive.org", ALL },
    { "jsdelivr.net", ALL },
    { "ipfs.io", ALL },
    /* short addresses */
    { "bit.ly", ALL },
    { "t.co", HOST },
    { "tinyurl.com", ALL },
    { "is.gd", HOST },
    { "goo.gl", ALL },
    { "ow.ly", HOST },
    { "x.gd", HOST },
    { "rb.gy", HOST },
    { "cutt.ly", HOST },
    { "onl.tw", HOST },
    { "urx.space", HOST },
    /* where everybody goes; what a program asks for its own address */
    { "google.com", ALL },
    { "google.co.jp", ALL },
    { "googleapis.com", ALL },
    { "gstatic.com", ALL },
    { "youtube.com", ALL },
    { "microsoft.com", ALL },
    { "microsoftonline.com", ALL },
    { "office.com", ALL },
    { "office365.com", ALL },
    { "office.net", ALL },
    { "windowsupdate.com", ALL },
    { "windows.com", ALL },
    { "bing.com", ALL },
    { "msn.com", ALL },
    { "yahoo.co.jp", ALL },
    { "yahoo.com", ALL },
    { "apple.com", ALL },
    { "adobe.com", ALL },
    { "amazon.com", ALL },
    { "amazon.co.jp", ALL },
    { "facebook.com", ALL },
    { "twitter.com", ALL },
    { "x.com", ALL },
    { "instagram.com", ALL },
    { "line.me", ALL },
    { "wikipedia.org", ALL },
    { "w3.org", ALL },
    { "digicert.com", ALL },
    { "verisign.com", ALL },
    { "ipify.org", ALL },
    { "ipinfo.io", ALL },
    { "ip-api.com", ALL },
    { "checkip.amazonaws.com", HOST },
    { "icanhazip.com", ALL },
    /* a name for each customer */
    { "sharepoint.com", TENANTS },
    { "amazonaws.com", TENANTS },
    { "cloudfront.net", TENANTS },
    { "windows.net", TENANTS },
    { "azureedge.net", TENANTS },
    { "azurefd.net", TENANTS },
    { "cloudapp.net", TENANTS },
    { "wordpress.com", TENANTS },
    { "wixsite.com", TENANTS },
    { "weebly.com", TENANTS },
    { "backblazeb2.com", TENANTS },
    { "r2.dev", TENANTS },
    { "workers.dev", TENANTS },
    { "netlify.app", TENANTS },
    { "herokuapp.com", TENANTS },
    { "ngrok.io", TENANTS },
    { "sakura.ne.jp", TENANTS },
    { "xsrv.jp", TENANTS },
    { "lolipop.jp", TENANTS },
    { "fc2.com", TENANTS },
    { "ocn.ne.jp", TENANTS },
    { "so-net.ne.jp", TENANTS },
    { "biglobe.ne.jp", TENANTS },
    { "dion.ne.jp", TENANTS },
    { "eonet.ne.jp", TENANTS },
    { "plala.or.jp", TENANTS },
    { "coocan.jp", TENANTS },
    { "nifty.com", TENANTS },
    { "hatenablog.com", TENANTS },
    { "trycloudflare.com", TENANTS },
    { "duckdns.org", TENANTS },
};

bool shared_host(slice host)
{
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        slice name = slice_of(hosts[i].name);
        if (hosts[i].scope == TENANTS ? slice_eq(host, name) : slice_ends(host, name)) {
            size_t more = host.len - name.len;
            if (more == 0 || (hosts[i].scope == ALL && host.at[more - 1] == '.'))
                return true;
        }
    }
    return false;
}

bool shared_domain(slice registered)
{
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (slice_is(registered, hosts[i].name))
            return true;
    return false;
}
