/* SPDX-License-Identifier: Apache-2.0 */
/* Names that the evaluator knows: A_name is the number of each. Keywords stand first. */
#define JS_WORDS(X)                                                                                \
    X(break) X(case) X(catch) X(class) X(const) X(continue) X(debugger) X(default) X(delete)       \
    X(do) X(else) X(extends) X(false) X(finally) X(for) X(function) X(if) X(in) X(instanceof)      \
    X(new) X(null) X(return) X(super) X(switch) X(this) X(throw) X(true) X(try) X(typeof) X(var)   \
    X(void) X(while) X(with)                                                                       \
    X(let) X(of) X(async) X(await) X(yield) X(static) X(get) X(set) X(import) X(export)            \
    X(length) X(prototype) X(constructor) X(arguments) X(eval) X(undefined) X(NaN) X(Infinity)     \
    X(name) X(message) X(value) X(next) X(done) X(callee) X(caller) X(call) X(apply) X(bind)       \
    X(toString) X(valueOf) X(toLocaleString) X(hasOwnProperty) X(isPrototypeOf) X(__proto__)       \
    X(propertyIsEnumerable) X(index) X(input) X(lastIndex) X(source) X(flags) X(global)            \
    X(ignoreCase) X(multiline) X(raw) X(groups)                                                    \
    X(Object) X(Function) X(Array) X(String) X(Number) X(Boolean) X(RegExp) X(Date) X(Math)        \
    X(JSON) X(Error) X(TypeError) X(ReferenceError) X(SyntaxError) X(RangeError) X(URIError)       \
    X(EvalError) X(Promise) X(Map) X(Set) X(WeakMap) X(WeakSet) X(Symbol) X(Reflect) X(Proxy)      \
    X(Uint8Array) X(Int8Array) X(Uint16Array) X(Int16Array) X(Uint32Array) X(Int32Array)           \
    X(Uint8ClampedArray) X(ArrayBuffer) X(DataView) X(TextDecoder) X(TextEncoder) X(BigInt)        \
    X(parseInt) X(parseFloat) X(isNaN) X(isFinite) X(escape) X(unescape) X(encodeURIComponent)     \
    X(decodeURIComponent) X(encodeURI) X(decodeURI) X(atob) X(btoa)                                \
    X(setTimeout) X(setInterval) X(setImmediate) X(clearTimeout) X(clearInterval)                  \
    X(requestAnimationFrame) X(queueMicrotask) X(globalThis) X(window) X(self) X(top) X(parent)    \
    X(frames) X(console) X(document) X(navigator) X(location) X(history) X(screen) X(external)     \
    X(keys) X(values) X(entries) X(assign) X(create) X(defineProperty) X(defineProperties)         \
    X(getPrototypeOf) X(setPrototypeOf) X(getOwnPropertyNames) X(getOwnPropertyDescriptor)         \
    X(freeze) X(seal) X(preventExtensions) X(isFrozen) X(fromEntries) X(is) X(hasOwn)              \
    X(isArray) X(from) X(join) X(reverse) X(push) X(pop) X(shift) X(unshift) X(splice) X(slice)    \
    X(concat) X(sort) X(indexOf) X(lastIndexOf) X(includes) X(forEach) X(map) X(filter) X(reduce)  \
    X(reduceRight) X(some) X(every) X(find) X(findIndex) X(fill) X(flat) X(flatMap) X(at)          \
    X(charAt) X(charCodeAt) X(codePointAt) X(fromCharCode) X(fromCodePoint) X(split) X(replace)    \
    X(replaceAll) X(match) X(matchAll) X(search) X(substr) X(substring) X(toUpperCase)             \
    X(toLowerCase) X(toLocaleUpperCase) X(toLocaleLowerCase) X(trim) X(trimStart) X(trimEnd)       \
    X(trimLeft) X(trimRight) X(padStart) X(padEnd) X(repeat) X(startsWith) X(endsWith)             \
    X(localeCompare) X(normalize) X(anchor) X(big) X(bold) X(fontcolor) X(fontsize) X(italics)     \
    X(link) X(small) X(strike) X(sub) X(sup) X(blink) X(fixed) X(test) X(exec) X(compile)          \
    X(toFixed) X(toPrecision) X(toExponential) X(isInteger) X(MAX_VALUE) X(MIN_VALUE)              \
    X(MAX_SAFE_INTEGER) X(MIN_SAFE_INTEGER) X(EPSILON) X(POSITIVE_INFINITY) X(NEGATIVE_INFINITY)   \
    X(abs) X(ceil) X(floor) X(round) X(max) X(min) X(pow) X(sqrt) X(random) X(sin) X(cos) X(tan)   \
    X(asin) X(acos) X(atan) X(atan2) X(exp) X(log) X(trunc) X(sign) X(cbrt) X(log2) X(log10)       \
    X(imul) X(hypot) X(clz32) X(fround) X(PI) X(E) X(LN2) X(LN10) X(LOG2E) X(LOG10E) X(SQRT2)      \
    X(SQRT1_2) X(stringify) X(parse) X(then) X(finally_) X(resolve) X(reject) X(all) X(race)       \
    X(has) X(add) X(clear) X(size) X(now) X(UTC) X(getTime) X(setTime) X(subarray) X(buffer)       \
    X(byteLength) X(byteOffset) X(decode) X(encode) X(getUint8) X(setUint8) X(description)         \
    X(iterator)                                                                                    \
    X(ActiveXObject) X(WScript) X(WSH) X(GetObject) X(Enumerator) X(VBArray) X(ScriptEngine)       \
    X(ScriptEngineMajorVersion) X(ScriptEngineMinorVersion) X(ScriptEngineBuildVersion)            \
    X(CollectGarbage) X(atEnd) X(moveNext) X(moveFirst) X(item) X(toArray) X(alert) X(confirm)     \
    X(prompt) X(app) X(util) X(event) X(Blob) X(File) X(URL) X(FileReader) X(XMLHttpRequest)       \
    X(fetch) X(Image) X(saveAs) X(open) X(close) X(addEventListener) X(attachEvent)                \
    X(removeEventListener) X(execScript) X(createObjectURL) X(revokeObjectURL) X(msSaveBlob)       \
    X(msSaveOrOpenBlob) X(userAgent) X(click) X(dispatchEvent) X(download) X(href) X(src)          \
    X(innerHTML) X(outerHTML) X(innerText) X(textContent) X(text) X(id) X(tagName) X(type)         \
    X(write) X(writeln) X(getElementById) X(getElementsByTagName) X(getElementsByName)             \
    X(getElementsByClassName) X(querySelector) X(querySelectorAll) X(createElement)                \
    X(createTextNode) X(createEvent) X(appendChild) X(insertBefore) X(removeChild) X(setAttribute) \
    X(getAttribute) X(removeAttribute) X(body) X(head) X(documentElement) X(cookie) X(title)       \
    X(style) X(onload) X(onclick) X(onreadystatechange) X(onloadend) X(onerror) X(status)          \
    X(statusText) X(readyState) X(response) X(responseText) X(responseType) X(ok) X(arrayBuffer)   \
    X(json) X(blob) X(send) X(result) X(readAsDataURL) X(readAsText) X(readAsArrayBuffer)          \
    X(readAsBinaryString) X(hostname) X(protocol) X(pathname) X(host) X(hash) X(reload)            \
    X(launchURL) X(exportDataObject) X(getURL) X(submitForm) X(mailDoc) X(mailMsg) X(cName)        \
    X(cURL) X(nLaunch) X(data) X(currentScript) X(dataset)
