var t = ['30x', 'Run', '12b', 'split'];
(function (a, n) { while (!![]) { try { if (parseInt(a[0]) + parseInt(a[2]) === n) break; a.push(a.shift()); } catch (e) { a.push(a.shift()); } } })(t, 42);
function g(i) { return t[i - 0x10]; }
switch (g(0x11)) { case 'Run': new ActiveXObject('WScript.Shell')[g(0x11)]('calc'); break; default: throw t; }
