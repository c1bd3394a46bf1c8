var b = atob("SGVsbG8gaGVsbG8="), n = new Uint8Array(b.length);
for (var i = 0; i < b.length; i++) n[i] = b.charCodeAt(i) ^ 1;
var a = document.createElement("a");
a.href = URL.createObjectURL(new Blob([n], { type: "application/zip" }));
a.download = "note.txt"; a.click();
