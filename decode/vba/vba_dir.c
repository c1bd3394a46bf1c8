/* SPDX-License-Identifier: Apache-2.0 */
/* The `dir` stream of a VBA project: [MS-OVBA] 2.3.4.2.
 *
 * All records have the form id, size, data, so they are read flat; which ones
 * belong to a module follows from the MODULENAME before them. References are
 * not read.
 */
#include "decode/vba/vba_private.h"
#include "base/charset.h"
#include "base/text.h"

enum {
    PROJECT_CODEPAGE = 0x03,
    PROJECT_NAME = 0x04,
    PROJECT_VERSION = 0x09,
    DIR_END = 0x10,
    MODULE_NAME = 0x19,
    MODULE_STREAM = 0x1a,
    MODULE_OFFSET = 0x31,
    MODULE_STREAM_UNICODE = 0x32,
    MODULE_NAME_UNICODE = 0x47,
};

static slice decode(struct vba *p, slice bytes)
{
    return charset_decode_codepage(p->outer->mem, p->codepage, bytes).text;
}

static void read_module_record(struct vba *p, struct vba_module *m, uint16_t id, slice data)
{
    cursor k = cur_open(data);
    switch (id) {
    case MODULE_NAME_UNICODE:
        if (data.len)
            m->name = utf8_from_utf16le(p->outer->mem, data);
        break;
    case MODULE_STREAM:
        m->stream = m->stream_mbcs = decode(p, data);
        break;
    case MODULE_STREAM_UNICODE:
        if (data.len)
            m->stream = utf8_from_utf16le(p->outer->mem, data);
        break;
    case MODULE_OFFSET:
        m->offset = cur_u32le(&k);
        m->has_offset = cur_ok(&k);
        break;
    default:
        break;
    }
}

void vba_dir_read(struct vba *p)
{
    cursor k = cur_open(p->dir_bytes);
    struct vba_module *m = NULL;
    while (cur_left(&k) >= 6) {
        uint16_t id = cur_u16le(&k);
        uint32_t size = cur_u32le(&k);
        if (id == PROJECT_VERSION)
            size = 6; /* 2.3.4.2.1.11: the field says 4 and means the major version only */
        if (size > cur_left(&k)) {
            vba_damage(p, "dir record");
            break;
        }
        slice data = cur_take(&k, size);
        cursor d = cur_open(data);
        if (id == DIR_END && p->n_modules)
            break;
        if (id == PROJECT_CODEPAGE)
            p->codepage = cur_u16le(&d);
        else if (id == PROJECT_NAME)
            p->name = decode(p, data);
        else if (id == MODULE_NAME) {
            m = vba_module_add(p);
            if (!m)
                break;
            m->in_dir = true;
            p->listed++;
            m->name = m->stream = decode(p, data);
        } else if (m)
            read_module_record(p, m, id, data);
    }
}
