/* SPDX-License-Identifier: Apache-2.0 */
/* Words that the evaluator knows: the index of a name below W_COUNT is the index of its word
 * here. Keywords ([MS-VBAL] 3.3.5), the standard library (6.1), and the members of the object
 * models that macros use. A word means something only where it stands: any may be a variable. */
#pragma once

#define BASIC_WORDS_LANGUAGE(X)                                                                                \
    X(sub) X(function) X(property) X(get) X(let) X(set) X(end) X(if) X(then) X(else) X(elseif) X(for) X(to)  \
    X(step) X(next) X(each) X(in) X(do) X(loop) X(while) X(wend) X(until) X(select) X(case) X(with) X(dim)   \
    X(redim) X(preserve) X(static) X(const) X(public) X(private) X(friend) X(global) X(declare) X(ptrsafe)   \
    X(cdecl) X(lib) X(alias) X(as) X(new) X(byval) X(byref) X(optional) X(paramarray) X(call) X(exit)        \
    X(goto) X(gosub) X(return) X(resume) X(on) X(error) X(option) X(explicit) X(attribute) X(type) X(enum)   \
    X(implements) X(event) X(raiseevent) X(withevents) X(and) X(or) X(xor) X(not) X(mod) X(is) X(like)       \
    X(eqv) X(imp) X(typeof) X(addressof) X(me) X(open) X(close) X(print) X(put) X(input) X(output)           \
    X(append) X(binary) X(random) X(line) X(write) X(lock) X(unlock) X(access) X(read) X(shared) X(seek)     \
    X(name) X(stop) X(erase) X(lset) X(rset) X(compare) X(base) X(module) X(true) X(false) X(nothing)        \
    X(null) X(empty) X(rem) X(string) X(integer) X(long) X(boolean) X(variant) X(object) X(byte) X(single)   \
    X(double) X(currency) X(date) X(decimal) X(longlong) X(longptr) X(any) X(text) X(class) X(default)       \
    X(vba7) X(vba6) X(win64) X(win32) X(win16) X(mac) X(vb_name) X(vb_control) X(vb_base) X(version)         \
    X(width) X(defint) X(deflng) X(defstr) X(defvar) X(defbool) X(defbyte) X(defdbl) X(defsng) X(defobj)     \
    X(defcur) X(defdate) X(begin) X(execute) X(executeglobal) X(eval)

#define BASIC_WORDS_LIBRARY(X)                                                                                 \
    X(abs) X(array) X(asc) X(ascb) X(ascw) X(atn) X(callbyname) X(cbool) X(cbyte) X(ccur) X(cdate) X(cdbl)   \
    X(cdec) X(choose) X(chr) X(chrb) X(chrw) X(cint) X(clng) X(clnglng) X(clngptr) X(cos) X(createobject)    \
    X(csng) X(cstr) X(curdir) X(cvar) X(cvdate) X(cverr) X(datediff) X(datepart) X(dateserial) X(dateadd)    \
    X(datevalue) X(day) X(dir) X(doevents) X(environ) X(eof) X(exp) X(fileattr) X(filecopy) X(filedatetime)  \
    X(filelen) X(filter) X(fix) X(format) X(formatcurrency) X(formatdatetime) X(formatnumber)                \
    X(formatpercent) X(freefile) X(getattr) X(getobject) X(getsetting) X(savesetting) X(hex) X(hour) X(iif)  \
    X(inputbox) X(instr) X(instrb) X(instrrev) X(int) X(isarray) X(isdate) X(isempty) X(iserror)             \
    X(ismissing) X(isnull) X(isnumeric) X(isobject) X(join) X(lbound) X(lcase) X(left) X(leftb) X(len)       \
    X(lenb) X(loc) X(lof) X(log) X(ltrim) X(mid) X(midb) X(minute) X(mkdir) X(rmdir) X(chdir) X(chdrive)     \
    X(month) X(monthname) X(msgbox) X(now) X(oct) X(partition) X(qbcolor) X(randomize) X(replace) X(rgb)     \
    X(right) X(rightb) X(rnd) X(round) X(rtrim) X(second) X(sendkeys) X(setattr) X(sgn) X(shell) X(sin)      \
    X(space) X(spc) X(split) X(sqr) X(str) X(strcomp) X(strconv) X(strreverse) X(switch) X(tab) X(tan)       \
    X(time) X(timer) X(timeserial) X(timevalue) X(trim) X(typename) X(ubound) X(ucase) X(val) X(vartype)     \
    X(varptr) X(strptr) X(objptr) X(weekday) X(weekdayname) X(year) X(kill) X(beep) X(appactivate)           \
    X(keystring) X(escape) X(unescape)

#define BASIC_WORDS_SCRIPT(X)                                                                                  \
    X(getref) X(getlocale) X(setlocale) X(scriptengine) X(scriptenginemajorversion)                          \
    X(scriptengineminorversion) X(scriptenginebuildversion) X(loadpicture)

#define BASIC_WORDS_OBJECTS(X)                                                                                 \
    X(vba) X(vbscript) X(interaction) X(strings) X(math) X(conversion) X(constants) X(information)           \
    X(filesystem) X(financial) X(datetime) X(collection) X(err) X(debug) X(application) X(word) X(excel)     \
    X(powerpoint) X(outlook) X(wscript) X(thisdocument) X(thisworkbook) X(activedocument)                    \
    X(activeworkbook) X(activesheet) X(activepresentation) X(activecell) X(selection) X(documents)           \
    X(workbooks) X(presentations) X(sheets) X(worksheets) X(range) X(cells) X(names) X(system) X(options)    \
    X(windows) X(userforms) X(normaltemplate) X(activewindow) X(worksheetfunction) X(user) X(msforms)        \
    X(run) X(exec) X(regwrite) X(regread) X(regdelete) X(expandenvironmentstrings) X(specialfolders)         \
    X(createshortcut) X(environment) X(popup) X(currentdirectory) X(item) X(shellexecute) X(namespace)       \
    X(copyhere) X(items) X(self) X(path) X(invokeverb) X(invokeverbex) X(showwindow) X(createtextfile)       \
    X(opentextfile) X(getfile) X(getfolder) X(fileexists) X(folderexists) X(createfolder) X(copyfile)        \
    X(movefile) X(deletefile) X(deletefolder) X(getspecialfolder) X(gettempname) X(buildpath)                \
    X(getparentfoldername) X(getbasename) X(getextensionname) X(getfilename) X(getabsolutepathname)          \
    X(writeline) X(writeblanklines) X(readall) X(readline) X(atendofstream) X(readtext) X(writetext)         \
    X(savetofile) X(loadfromfile) X(charset) X(position) X(size) X(mode) X(flush) X(responsebody)            \
    X(responsetext) X(responsestream) X(responsexml) X(status) X(statustext) X(readystate) X(send)           \
    X(setrequestheader) X(setoption) X(waitforresponse) X(getresponseheader) X(getallresponseheaders)        \
    X(setproxy) X(settimeouts) X(create) X(spawninstance_) X(execquery) X(instancesof) X(execmethod_) X(execmethod) X(connectserver)        \
    X(methods_) X(inparameters) X(properties_) X(value) X(createelement) X(datatype) X(nodetypedvalue)       \
    X(loadxml) X(load) X(documentelement) X(selectsinglenode) X(appendchild) X(createnode) X(nodevalue)      \
    X(xml) X(transformnode) X(async) X(add) X(exists) X(keys) X(count) X(remove) X(removeall)                \
    X(comparemode) X(key) X(pattern) X(ignorecase) X(multiline) X(test) X(firstindex) X(length)              \
    X(submatches) X(number) X(description) X(source) X(clear) X(raise) X(lastdllerror) X(ontime) X(wait)     \
    X(quit) X(executeexcel4macro) X(evaluate) X(username) X(userinitials) X(caption) X(tag)                  \
    X(controltiptext) X(groupname) X(list) X(pages) X(controls) X(tabs) X(controlsource) X(rowsource)        \
    X(alternativetext) X(title) X(textframe) X(textframe2) X(textrange) X(characters) X(shapes)              \
    X(inlineshapes) X(variables) X(builtindocumentproperties) X(customdocumentproperties) X(content)         \
    X(paragraphs) X(tables) X(cell) X(bookmarks) X(comments) X(comment) X(customxmlparts) X(contentcontrols) \
    X(fullname) X(formula) X(formulalocal) X(formular1c1) X(value2) X(offset) X(rows) X(columns) X(row)      \
    X(column) X(address) X(usedrange) X(refersto) X(refersorange) X(saveas) X(saveas2) X(save) X(close_)     \
    X(displayalerts) X(screenupdating) X(visible) X(startuppath) X(templatespath) X(build)                   \
    X(operatingsystem) X(language) X(international) X(startup) X(addins) X(registerxll) X(targetpath)        \
    X(arguments) X(workingdirectory) X(iconlocation) X(windowstyle) X(hotkey) X(connect) X(newtask)          \
    X(registertaskdefinition) X(registertask) X(actions) X(triggers) X(settings) X(registrationinfo)         \
    X(principal) X(parent) X(show) X(hide) X(unload) X(repaint) X(initialize) X(navigate) X(navigate2)       \
    X(document) X(sleep) X(echo) X(copyfolder) X(drives) X(opentext) X(importfile) X(codename) X(bold)       \
    X(attachments) X(createitem) X(getnamespace) X(stdout) X(stdin) X(stderr) X(processid) X(exitcode)       \
    X(wordbasic) X(vbe) X(vbproject) X(vbcomponents) X(codemodule) X(addfromstring) X(insertlines)           \
    X(autosecurity) X(automationsecurity) X(followhyperlink) X(getobject_) X(hyperlinks) X(follow)           \
    X(environ_) X(copy) X(move) X(delete) X(files) X(subfolders) X(shortpath) X(shortname) X(attributes)     \
    X(openasstream) X(openastextstream) X(parentfolder) X(drive) X(ip) X(host) X(getstring) X(getbytes)      \
    X(getbytes_4) X(getstring_) X(frombase64string) X(transformfinalblock) X(createinstance)                 \
    X(createdecryptor) X(startupinformation) X(commandline) X(currentdirectory_) X(processstartupinformation) \
    X(lines) X(sentences) X(words) X(nodes) X(childnodes) X(firstchild) X(attributes_) X(getattribute)       \
    X(innertext) X(innerhtml) X(body) X(write_) X(parentwindow) X(execscript) X(clipboarddata) X(getdata)    \
    X(controlformat) X(oleformat) X(object_) X(activex) X(zoom) X(explore) X(parsename) X(listcount) X(listindex) X(additem) X(selectedindex)

#define BASIC_WORDS(X) BASIC_WORDS_LANGUAGE(X) BASIC_WORDS_LIBRARY(X) BASIC_WORDS_OBJECTS(X) BASIC_WORDS_SCRIPT(X)

enum basic_word {
    W_NONE,
#define X(w) W_##w,
    BASIC_WORDS(X)
#undef X
        W_COUNT
};
