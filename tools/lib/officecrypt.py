# SPDX-License-Identifier: Apache-2.0
"""officecrypt - writes encrypted Office documents ([MS-OFFCRYPTO] 2.3), for samples.

    officecrypt.agile(package, 'P'), officecrypt.standard(package, 'P')  -> streams of the compound file
    officecrypt.word(main, table, 'P', capi=True)   -> WordDocument and table stream, encrypted
    officecrypt.word_xor(main, table, 'P')          -> the same, by XOR obfuscation
    officecrypt.book(stream, 'P', scheme='rc4')     -> Workbook stream, encrypted
    officecrypt.slides(objects, 'P')                -> PowerPoint Document and Current User, encrypted

Salts and keys are taken from the content, so that output is deterministic: good for test files,
worthless as protection. The AES is that of zipcrypt.
"""
import base64
import hashlib
import hmac
import struct

from rc4 import rc4
from zipcrypt import Aes

BUILTIN = 'VelvetSweatshop'


def le(n):
    return struct.pack('<I', n)


def seeded(what, n):
    return hashlib.shake_256(what.encode()).digest(n)


def cbc(key, iv, data):
    aes, out = Aes(key), b''
    data += bytes(-len(data) % 16)
    for i in range(0, len(data), 16):
        iv = bytes(aes.block(bytes(a ^ b for a, b in zip(data[i:i + 16], iv))))
        out += iv
    return out


def ecb(key, data):
    aes = Aes(key)
    data += bytes(-len(data) % 16)
    return b''.join(bytes(aes.block(data[i:i + 16])) for i in range(0, len(data), 16))


# --- packages

def agile(package, password, digest='sha512', bits=256, spin=100):
    def h(*parts):
        return hashlib.new(digest, b''.join(parts)).digest()

    def fit(data, n):
        return (data + b'\x36' * n)[:n]

    salt, data_salt, secret = seeded('salt', 16), seeded('data', 16), seeded('secret', bits // 8)
    base = h(salt, password.encode('utf-16-le'))
    for i in range(spin):
        base = h(le(i), base)

    def locked(block, data):
        return base64.b64encode(cbc(fit(h(base, bytes.fromhex(block)), bits // 8), salt, data)).decode()

    body = struct.pack('<Q', len(package))
    for n, at in enumerate(range(0, len(package), 4096)):
        body += cbc(secret, fit(h(data_salt, le(n)), 16), package[at:at + 4096])
    size = len(h())
    mac_key = seeded('mac', size)
    mac = hmac.new(mac_key, body, digest).digest()

    def sealed(block, data):
        return base64.b64encode(cbc(secret, fit(h(data_salt, bytes.fromhex(block)), 16), data)).decode()

    verifier = seeded('verifier', 16)
    common = (f'saltSize="16" blockSize="16" keyBits="{bits}" hashSize="{size}" cipherAlgorithm="AES" '
              f'cipherChaining="ChainingModeCBC" hashAlgorithm="{digest.upper()}"')
    xml = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
           '<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" '
           'xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
           f'<keyData {common} saltValue="{base64.b64encode(data_salt).decode()}"/>'
           f'<dataIntegrity encryptedHmacKey="{sealed("5fb2ad010cb9e1f6", mac_key)}" '
           f'encryptedHmacValue="{sealed("a0677f02b22c8433", mac)}"/>'
           '<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
           f'<p:encryptedKey spinCount="{spin}" {common} saltValue="{base64.b64encode(salt).decode()}" '
           f'encryptedVerifierHashInput="{locked("fea7d2763b4b9e79", verifier)}" '
           f'encryptedVerifierHashValue="{locked("d7aa0f6d3061344e", h(verifier))}" '
           f'encryptedKeyValue="{locked("146e0be7abacd0d6", secret)}"/>'
           '</keyEncryptor></keyEncryptors></encryption>')
    return {'EncryptionInfo': struct.pack('<HHI', 4, 4, 0x40) + xml.encode(), 'EncryptedPackage': body}


def crypto_header(flags, algorithm, bits, provider, name):
    raw = name.encode('utf-16-le') + b'\0\0'
    header = struct.pack('<8I', flags, 0, algorithm, 0x8004, bits, provider, 0, 0) + raw
    return struct.pack('<II', flags, len(header)) + header


def standard(package, password, bits=128):
    salt, verifier = seeded('salt', 16), seeded('verifier', 16)
    base = hashlib.sha1(salt + password.encode('utf-16-le')).digest()
    for i in range(50000):
        base = hashlib.sha1(le(i) + base).digest()
    base = hashlib.sha1(base + le(0)).digest()
    halves = [hashlib.sha1(bytes((base[i] if i < 20 else 0) ^ pad for i in range(64))).digest() for pad in (0x36, 0x5C)]
    key = b''.join(halves)[:bits // 8]
    info = struct.pack('<HH', 3, 2) + crypto_header(0x24, {128: 0x660E, 192: 0x660F, 256: 0x6610}[bits], bits, 24,
                                                    'Microsoft Enhanced RSA and AES Cryptographic Provider')
    info += le(16) + salt + ecb(key, verifier) + le(20) + ecb(key, hashlib.sha1(verifier).digest())
    return {'EncryptionInfo': info, 'EncryptedPackage': struct.pack('<Q', len(package)) + ecb(key, package)}


# --- RC4: (header, key of a block)

def rc4_scheme(password, capi, bits=128):
    salt, verifier = seeded('salt', 16), seeded('verifier', 16)
    wide = password.encode('utf-16-le')
    if capi:
        base = hashlib.sha1(salt + wide).digest()

        def key(block):
            out = hashlib.sha1(base + le(block)).digest()[:bits // 8]
            return out + bytes(11) if bits == 40 else out
        sealed = rc4(key(0), verifier + hashlib.sha1(verifier).digest())
        header = struct.pack('<HH', 2, 2) + crypto_header(0x04, 0x6801, bits, 1, 'Microsoft Enhanced Cryptographic Provider v1.0')
        return header + le(16) + salt + sealed[:16] + le(20) + sealed[16:], key
    base = hashlib.md5((hashlib.md5(wide).digest()[:5] + salt) * 16).digest()[:5]

    def key(block):
        return hashlib.md5(base + le(block)).digest()
    sealed = rc4(key(0), verifier + hashlib.md5(verifier).digest())
    return struct.pack('<HH', 1, 1) + salt + sealed, key


def blocks(data, key, size):
    return b''.join(rc4(key(i // size), data[i:i + size]) for i in range(0, len(data), size))


def word(main, table, password, capi=False, bits=128):
    """`main` has its piece table at the start of `table`."""
    header, key = rc4_scheme(password, capi, bits)
    fib = bytearray(main)
    flags, = struct.unpack_from('<H', fib, 0x0A)
    struct.pack_into('<H', fib, 0x0A, flags | 0x0100)
    struct.pack_into('<I', fib, 0x0E, len(header))
    clx, = struct.unpack_from('<I', fib, 0x1A2)
    struct.pack_into('<I', fib, 0x1A2, clx + len(header))
    sealed = blocks(bytes(fib), key, 512)
    table = blocks(bytes(len(header)) + table, key, 512)
    return bytes(fib[:68]) + sealed[68:], header + table[len(header):]


# --- presentations

def slides(objects, password, bits=128, edits=1, token=0xF3D1C4DF, session=0x2F14, decoys=()):
    """[MS-PPT] 2.3.7: each top-level record in `objects` is a persist object, from number 1 on, encrypted by the key
    of its number. `edits`: so many UserEditAtoms share them. `decoys`: (number, offset) that the directory has behind."""
    header, key = rc4_scheme(password, True, bits)
    out, directory = b'', []
    for number, record in enumerate(objects, 1):
        directory.append((number, len(out)))
        out += rc4(key(number), record)
    last = len(objects) + 1
    directory.append((last, len(out)))
    out += struct.pack('<HHI', 0x0F, session, len(header)) + header
    before, share = 0, -(-len(directory) // edits)
    for n in range(edits):
        part = directory[n * share:(n + 1) * share] + (list(decoys) if n == edits - 1 else [])
        runs = b''.join(struct.pack('<II', 1 << 20 | number, at) for number, at in part)
        at = len(out)
        out += struct.pack('<HHI', 0, 0x1772, len(runs)) + runs
        edit = len(out)
        out += struct.pack('<HHIIHBBIIIIHHI', 0, 0x0FF5, 32, 256, 0, 0, 3, before, at, 1, last, 1, 0, last)
        before = edit
    user = b'harmless'
    atom = struct.pack('<IIIHHBBH', 20, token, before, len(user), 0x3F4, 3, 0, 0) + user + le(8) + user.decode().encode('utf-16-le')
    return {'PowerPoint Document': out, 'Current User': struct.pack('<HHI', 0, 0x0FF6, len(atom)) + atom}


# --- workbooks

def xor_bytes(password):
    """2.3.7.4: `password` may be bytes already."""
    if isinstance(password, bytes):
        return password[:15]
    units = struct.unpack(f'<{len(password)}H', password.encode('utf-16-le'))
    return bytes(u & 255 or u >> 8 for u in units)[:15]


def xor_key(password):
    """[MS-OFFCRYPTO] 2.3.7.2, by the arrays of the specification."""
    initial = [0xE1F0, 0x1D0F, 0xCC9C, 0x84C0, 0x110C, 0x0E10, 0xF1CE, 0x313E, 0x1872, 0xE139, 0xD40F, 0x84F9, 0x280C,
               0xA96A, 0x4EC3]
    matrix = [0xAEFC, 0x4DD9, 0x9BB2, 0x2745, 0x4E8A, 0x9D14, 0x2A09, 0x7B61, 0xF6C2, 0xFDA5, 0xEB6B, 0xC6F7, 0x9DCF,
              0x2BBF, 0x4563, 0x8AC6, 0x05AD, 0x0B5A, 0x16B4, 0x2D68, 0x5AD0, 0x0375, 0x06EA, 0x0DD4, 0x1BA8, 0x3750,
              0x6EA0, 0xDD40, 0xD849, 0xA0B3, 0x5147, 0xA28E, 0x553D, 0xAA7A, 0x44D5, 0x6F45, 0xDE8A, 0xAD35, 0x4A4B,
              0x9496, 0x390D, 0x721A, 0xEB23, 0xC667, 0x9CEF, 0x29FF, 0x53FE, 0xA7FC, 0x5FD9, 0x47D3, 0x8FA6, 0x0F6D,
              0x1EDA, 0x3DB4, 0x7B68, 0xF6D0, 0xB861, 0x60E3, 0xC1C6, 0x93AD, 0x377B, 0x6EF6, 0xDDEC, 0x45A0, 0x8B40,
              0x06A1, 0x0D42, 0x1A84, 0x3508, 0x6A10, 0xAA51, 0x4483, 0x8906, 0x022D, 0x045A, 0x08B4, 0x1168, 0x76B4,
              0xED68, 0xCAF1, 0x85C3, 0x1BA7, 0x374E, 0x6E9C, 0x3730, 0x6E60, 0xDCC0, 0xA9A1, 0x4363, 0x86C6, 0x1DAD,
              0x3331, 0x6662, 0xCCC4, 0x89A9, 0x0373, 0x06E6, 0x0DCC, 0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462,
              0x48C4]
    raw = xor_bytes(password)
    key, at = initial[len(raw) - 1], 0x68
    for char in reversed(raw):
        for _ in range(7):
            if char & 0x40:
                key ^= matrix[at]
            char <<= 1
            at -= 1
    return key


def xor_verifier(password):
    v, raw = 0, xor_bytes(password)
    for byte in reversed(bytes([len(raw)]) + raw):
        v = ((v >> 14 & 1) | (v << 1 & 0x7FFF)) ^ byte
    return v ^ 0xCE4B


def xor_array(password, left=2):
    pad = bytes.fromhex('bbffffbaffffb98000be0f00bf0f00')
    key = struct.pack('<H', xor_key(password))
    raw = (xor_bytes(password) + pad)[:16]
    mixed = [b ^ key[i & 1] for i, b in enumerate(raw)]
    return [(b << left | b >> 8 - left) & 255 for b in mixed]


def word_xor(main, table, password, clear=68):
    """2.3.7.6: zeros stay, and so does what would become a zero. `clear`: 52 before Word 97."""
    array = xor_array(password, 7)

    def sealed(data):
        return bytes(b ^ array[i & 15] if b and b != array[i & 15] else b for i, b in enumerate(data))
    fib = bytearray(main)
    flags, version = struct.unpack_from('<H', fib, 0x0A)[0], struct.unpack_from('<H', fib, 2)[0]
    struct.pack_into('<H', fib, 0x0A, flags | (0x8100 if version >= 0xC1 else 0x0100))
    struct.pack_into('<HH', fib, 0x0E, xor_verifier(password), xor_key(password))
    return bytes(fib[:clear]) + sealed(bytes(fib))[clear:], sealed(table)


def book(stream, password, scheme='rc4', bits=128):
    """scheme: rc4, capi or xor. FILEPASS goes behind the first BOF; BOUNDSHEETs move along."""
    if scheme == 'xor':
        data = struct.pack('<HHH', 0, xor_key(password), xor_verifier(password))
        array = xor_array(password)
    else:
        header, key = rc4_scheme(password, scheme == 'capi', bits)
        data = struct.pack('<H', 1) + header
    records, at = [], 0
    while at + 4 <= len(stream):
        ident, size = struct.unpack_from('<HH', stream, at)
        records.append((ident, stream[at + 4:at + 4 + size]))
        at += 4 + size
    records.insert(1, (0x2F, data))
    plain, keep = b'', bytearray()
    for ident, body in records:
        if ident == 0x85:
            body = le(struct.unpack_from('<I', body)[0] + 4 + len(data)) + body[4:]
        head = struct.pack('<HH', ident, len(body))
        clear = len(body) if ident in (0x809, 0x2F, 0xE1) else 4 if ident == 0x85 else 0
        if scheme == 'xor':
            begin = len(plain) + 4
            turned = [b ^ array[(begin + len(body) + i) & 15] for i, b in enumerate(body)]
            sealed = bytes((b << 5 | b >> 3) & 255 for b in turned)
            plain += head + body[:clear] + sealed[clear:]
        else:
            plain += head + body
            keep += b'\1' * (4 + clear) + bytes(len(body) - clear)
    if scheme == 'xor':
        return plain
    sealed = blocks(plain, key, 1024)
    return bytes(a if k else b for a, b, k in zip(plain, sealed, keep))
