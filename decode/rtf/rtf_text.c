/* SPDX-License-Identifier: Apache-2.0 */
/* Text of RTF: bytes in the code page of their font, \u code units, plain ASCII.
 *
 * Bytes of one code page are gathered and decoded together. An ASCII character
 * behind a lead byte is its second half: Japanese writers leave it as it is.
 */
#include "base/charset.h"
#include "base/text.h"
#include "rtf_private.h"

enum { PENDING_MAX = 4096, WORK_PER_FLUSH = 1500 };

static bool double_byte(unsigned page)
{
    return page == 932 || page == 936 || page == 949 || page == 950 || page == 1361;
}

static bool is_lead(unsigned page, uint8_t b)
{
    if (page == 932)
        return (b >= 0x81 && b <= 0x9f) || (b >= 0xe0 && b <= 0xfc);
    return b >= 0x81 && b <= 0xfe;
}

void rtf_text_flush(struct rtf_text *t)
{
    t->lead = false;
    if (t->pending.len == 0)
        return;
    if (walk_work(t->w, WORK_PER_FLUSH + t->pending.len * 4))
        buf_put(&t->out, charset_decode_codepage(t->w->mem, t->pending_page, buf_slice(&t->pending)).text);
    buf_clear(&t->pending);
}

void rtf_text_byte(struct rtf_text *t, unsigned page, uint8_t byte)
{
    t->surrogate = 0;
    if (t->pending.len && (t->pending_page != page || (t->pending.len >= PENDING_MAX && !t->lead)))
        rtf_text_flush(t);
    if (byte < 0x80 && !t->lead) {
        rtf_text_flush(t);
        buf_byte(&t->out, byte ? byte : ' ');
        return;
    }
    t->pending_page = page;
    buf_byte(&t->pending, byte);
    t->lead = double_byte(page) && !t->lead && is_lead(page, byte);
}

void rtf_text_raw(struct rtf_text *t, unsigned page, slice run)
{
    for (size_t i = 0; i < run.len; i++) {
        if (run.at[i] >= 0x80 || run.at[i] == 0 || t->lead || t->pending.len) {
            rtf_text_byte(t, page, run.at[i]);
            continue;
        }
        size_t from = i;
        while (i < run.len && run.at[i] < 0x80 && run.at[i])
            i++;
        buf_put(&t->out, slice_sub(run, from, i - from));
        i--;
    }
}

static void put_code(struct rtf_text *t, uint32_t code)
{
    uint8_t out[4];
    size_t n = utf8_put(out, code);
    buf_put(&t->out, (slice){ out, n });
}

void rtf_text_char(struct rtf_text *t, uint32_t code)
{
    rtf_text_flush(t);
    uint16_t high = t->surrogate;
    t->surrogate = 0;
    if (code >= 0xd800 && code < 0xdc00) {
        t->surrogate = (uint16_t)code;
        return;
    }
    if (code >= 0xdc00 && code < 0xe000)
        code = high ? 0x10000u + ((uint32_t)(high - 0xd800) << 10) + (code - 0xdc00) : 0xfffd;
    if (code)
        put_code(t, code);
}

/* 1.9.1 "Font Table", \fcharset. 0: that of the document. */
unsigned rtf_text_page_of_charset(int32_t charset)
{
    static const struct {
        uint8_t charset;
        uint16_t page;
    } pages[] = {
        { 77, 10000 }, { 128, 932 },  { 129, 949 },  { 130, 1361 }, { 134, 936 },
        { 136, 950 },  { 161, 1253 }, { 162, 1254 }, { 163, 1258 }, { 177, 1255 },
        { 178, 1256 }, { 186, 1257 }, { 204, 1251 }, { 222, 874 },  { 238, 1250 },
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (pages[i].charset == charset)
            return pages[i].page;
    return 0;
}
