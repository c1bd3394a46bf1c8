# SPDX-License-Identifier: Apache-2.0
"""waveprogram - programs for make-waves: put together by pewrite, their only code returns at once."""
from pewrite import CODE, DATA, EXECUTE, READ, WRITE, Program, noise, version

ALL = CODE | EXECUTE | READ | WRITE
FEW = [('KERNEL32.dll', ['LoadLibraryA', 'GetProcAddress'])]
MANY = [('KERNEL32.dll', ['CloseHandle', 'CreateFileW', 'ExitProcess', 'GetLastError', 'GetProcAddress', 'LoadLibraryW', 'ReadFile', 'WriteFile']),
        ('USER32.dll', ['DispatchMessageW', 'GetMessageW', 'MessageBoxW', 'TranslateMessage']), ('WS2_32.dll', [115, 23, 3])]
OWN = (16, 1, version(CompanyName='Example', FileDescription='Inert sample', ProductName='見積ツール', OriginalFilename='tool.exe', FileVersion='1.0.0.0'))


def packed(library=False, names=None, rows=None):
    p = Program(library=library, entry=0x3000).section('.text', b'', ALL, room=0x1000)
    p.section('.data', b'\0', DATA | READ).section('.code', b'\x31\xc0\xc3' + noise(40000), ALL)
    if names:
        p.edata('sample.dll', names)
    if rows:
        p.rsrc(rows)
    return p.idata(FEW).build()


def tool():
    return Program().text().idata(MANY).rsrc([OWN]).build(certificate=b'inert words where a signature would be')


def plug_in():
    return Program(library=True).text().edata('plugin.dll', ['open', 'close', 'name']).idata(MANY).build()


def dense():
    """Compressed code behind the imports of an ordinary library."""
    return Program(library=True).section('.text', b'\x31\xc0\xc3' + noise(60000), CODE | EXECUTE | READ).edata('addin.xll', ['xlAutoOpen']).idata(FEW).build()


def addin(rows=(), signature=b''):
    p = Program(library=True).text().edata('addin.xll', ['xlAutoOpen', 'xlAutoClose', 'xlAddInManagerInfo12']).idata(MANY)
    return (p.rsrc(list(rows)) if rows else p).build(certificate=signature)


def installer():
    return Program(False).text().idata(MANY).rsrc([OWN]).build(overlay=b'\0\0\0\0\xef\xbe\xad\xdeNullsoftInst' + noise(20000, 7))


def padded(n):
    return Program(library=True).text().edata('sample.dll', ['DllRegisterServer']).idata(MANY).build(overlay=bytes(n))
