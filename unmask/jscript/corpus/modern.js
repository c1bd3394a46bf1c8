const f = async (a, b = [1, 2], ...c) => { for (const [k, v] of Object.entries({ a, b })) await k; return `${a}-${c.length ?? 0}`; };
class A { #p = 1; static s() { return 's'; } get g() { return this.x?.y; } }
class B extends A { constructor() { super(); this.x = { y: 2 }; } }
let { g, ...rest } = new B(); var m = new Map([[1, 2]]); m.set(3, 4);
f(1).then(x => eval("document.write('<p>' + x)"));
