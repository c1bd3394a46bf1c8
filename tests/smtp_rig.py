# SPDX-License-Identifier: Apache-2.0
"""smtp_rig - a real Postfix on loopback between a client of ours and a sink of ours, for tests of
what stands behind smtpd_milters. Everything lives in a temporary folder and on free ports, and is
stopped by its own configuration folder."""
import base64
import os
import pwd
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time

SERVICES = """\
pickup unix n - n 5 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
tlsmgr unix - - n 1000 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why there can be no Postfix here; None: there can."""
    if not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        return "postfix is not installed"
    if os.geteuid() != 0:
        return "postfix is started by root only"
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return "there is no user postfix"
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sink(socketserver.ThreadingTCPServer):
    """Takes all mail; mails is a list of (sender, recipients, bytes as they came)."""
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SinkSession)
        self.port = self.server_address[1]
        self.mails = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, n, seconds=20):
        end = time.monotonic() + seconds
        while len(self.mails) < n and time.monotonic() < end:
            time.sleep(0.02)
        return self.mails[:]


class SinkSession(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line + b"\r\n")

    def data(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def handle(self):
        self.say(b"220 sink.example.invalid ESMTP")
        sender, recipients = b"", []
        while True:
            line = self.rfile.readline().rstrip(b"\r\n")
            word = line[:4].upper()
            if not line or word == b"QUIT":
                self.say(b"221 bye")
                return
            if word == b"EHLO":
                self.say(b"250-sink.example.invalid\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING")
                continue
            if word == b"MAIL":
                sender, recipients = line[10:].split(b">")[0].lstrip(b"<"), []
            elif word == b"RCPT":
                recipients.append(line[8:].split(b">")[0].lstrip(b"<"))
            elif word == b"DATA":
                self.say(b"354 go on")
                mail = self.data()
                if mail is None:
                    return
                self.server.mails.append((sender.decode(), [r.decode() for r in recipients], mail))
            self.say(b"250 2.0.0 fine")


class Logins(socketserver.ThreadingTCPServer):
    """Dovecot's side of its authentication protocol (Postfix SASL_README, smtpd_sasl_type = dovecot):
    whoever says PLAIN is let in by the name that is said."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), LoginSession)
        self.path = f"inet:127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class LoginSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t" + b"0" * 32 + b"\nDONE\n")
        for line in self.rfile:
            words = line.rstrip(b"\n").split(b"\t")
            said = dict(w.split(b"=", 1) for w in words if b"=" in w)
            if words[0] == b"AUTH":
                user = base64.b64decode(said.get(b"resp", b"")).split(b"\0")[1]
                self.wfile.write(b"OK\t" + words[1] + b"\tuser=" + user + b"\n")


def certificate(folder):
    """Of our own, for STARTTLS; None without the openssl command."""
    if not shutil.which("openssl"):
        return None
    path = os.path.join(folder, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path, "-out", path + ".crt", "-days", "2",
                    "-subj", "/CN=mx.example.invalid"], check=True, capture_output=True)
    open(path, "a").write(open(path + ".crt").read())
    return path


class Client:
    """SMTP as bytes: what is sent is what arrives."""

    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port), 60)
        self.f = self.s.makefile("rb")
        self.reply()
        self.command(b"EHLO client.example.invalid")

    def reply(self):
        lines = []
        while True:
            line = self.f.readline()
            lines.append(line.rstrip(b"\r\n").decode("utf-8", "replace"))
            if len(line) < 4 or line[3:4] != b"-":
                return " / ".join(lines)

    def starttls(self):
        self.command(b"STARTTLS")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.s = context.wrap_socket(self.s)
        self.f = self.s.makefile("rb")
        return self.command(b"EHLO client.example.invalid")

    def command(self, line):
        self.s.sendall(line + b"\r\n")
        return self.reply()

    def content(self, mail):
        stuffed = mail.replace(b"\r\n.", b"\r\n..")
        return (b"." if mail.startswith(b".") else b"") + stuffed + b".\r\n"

    def mail(self, mail, to=("someone@example.org",), sender="stranger@example.net", options=""):
        """The reply to the end of the mail, or the first refusal before it."""
        for line in [f"MAIL FROM:<{sender}>{options}"] + [f"RCPT TO:<{r}>" for r in to] + ["DATA"]:
            said = self.command(line.encode())
            if said[:1] not in "23":
                return said
        self.s.sendall(self.content(mail))
        return self.reply()

    def close(self):
        self.s.close()


class Postfix:
    """listeners: {port: options of that smtpd}, each with its own milters."""

    def __init__(self, folder, sink_port, listeners, settings=()):
        self.folder = folder
        self.conf = os.path.join(folder, "conf")
        os.chmod(folder, 0o755)  # Postfix's daemons run as other users
        for name in ("conf", "spool", "data", "log"):
            os.mkdir(os.path.join(folder, name), 0o755)
        shutil.chown(os.path.join(folder, "data"), "postfix")
        main = {"compatibility_level": "3.6", "queue_directory": f"{folder}/spool", "data_directory": f"{folder}/data",
                "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "myhostname": "mx.example.invalid", "mydestination": "",
                "mynetworks": "127.0.0.0/8", "default_transport": f"smtp:[127.0.0.1]:{sink_port}", "disable_dns_lookups": "yes",
                "smtp_host_lookup": "native", "smtp_tls_security_level": "none", "smtpd_tls_security_level": "none", "alias_maps": "",
                "maillog_file": f"{folder}/log/maillog", "maillog_file_prefixes": folder, "message_size_limit": "60000000",
                "smtputf8_enable": "yes", "smtp_line_length_limit": "0", "smtpd_client_connection_count_limit": "0", "smtpd_peername_lookup": "no",
                "milter_default_action": "tempfail", "local_header_rewrite_clients": "", **dict(settings)}
        with open(f"{self.conf}/main.cf", "w") as f:
            f.writelines(f"{k} = {v}\n" for k, v in main.items())
        with open(f"{self.conf}/master.cf", "w") as f:
            for port, options in listeners.items():
                f.write(f"127.0.0.1:{port} inet n - n - - smtpd\n" + "".join(f"  -o {k}={v}\n" for k, v in options.items()))
            f.write(SERVICES)
        done = self.run("start")
        if done.returncode:
            raise RuntimeError("postfix does not start: " + done.stdout + done.stderr + self.log())
        end = time.monotonic() + 20
        for port in listeners:
            while time.monotonic() < end:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)

    def run(self, word):
        return subprocess.run(["/usr/sbin/postfix", "-c", self.conf, word], capture_output=True, text=True, timeout=60)

    def submit(self, mail, to, sender):
        """As a program of this machine sends mail: through the sendmail command."""
        return subprocess.run(["/usr/sbin/sendmail", "-C", self.conf, "-i", "-f", sender, *to], input=mail, capture_output=True, timeout=60)

    def log(self):
        try:
            return open(f"{self.folder}/log/maillog", errors="replace").read()
        except OSError:
            return ""

    def stop(self):
        self.run("stop")
