/* SPDX-License-Identifier: Apache-2.0 */
/* mail - what readers of mail in other carriers (Outlook's message files, TNEF)
 * say in the words of Internet mail, so that all rules about mail hold for them. */
#pragma once
#include "decode/walk.h"

/* Opens the mail event and tells what this header block (RFC 5322) says; its
 * text need not lie in the part. */
void mail_header_say(struct walk *w, slice header);
/* Is there a mail that this part belongs to? */
bool mail_is_open(const struct walk *w);
/* One more attachment of the mail, by its name. */
void mail_attachment_say(struct walk *w, slice name);
