/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the type libraries of Word, ADO and Outlook, as far as obfuscators and droppers use
 * them; those of Excel and Office are in constants.list. Included with C(name, value). */
/* WdKey */
C(wdKeyBackspace, 8) C(wdKeyTab, 9) C(wdKeyReturn, 13) C(wdKeyShift, 256) C(wdKeyControl, 512) C(wdKeyAlt, 1024)
C(wdKeyEsc, 27) C(wdKeySpacebar, 32) C(wdKeyPageUp, 33) C(wdKeyPageDown, 34) C(wdKeyEnd, 35) C(wdKeyHome, 36)
C(wdKeyInsert, 45) C(wdKeyDelete, 46) C(wdKeyNumeric0, 96) C(wdKeyNumericAdd, 107) C(wdKeySemiColon, 186) C(wdKeyEquals, 187)
C(wdKeyComma, 188) C(wdKeyHyphen, 189) C(wdKeyPeriod, 190) C(wdKeySlash, 191) C(wdKeyBackSingleQuote, 192)
C(wdKeyOpenSquareBrace, 219) C(wdKeyBackSlash, 220) C(wdKeyCloseSquareBrace, 221) C(wdKeySingleQuote, 222)
/* Word */
C(wdFormatDocument, 0) C(wdFormatText, 2) C(wdFormatRTF, 6) C(wdFormatHTML, 8) C(wdFormatXML, 11) C(wdFormatXMLDocument, 12)
C(wdAlertsNone, 0) C(wdAlertsAll, -1) C(wdDoNotSaveChanges, 0) C(wdSaveChanges, -1) C(wdStory, 6) C(wdMove, 0) C(wdExtend, 1)
C(wdCharacter, 1) C(wdWord, 2) C(wdParagraph, 4) C(wdLine, 5) C(wdReplaceAll, 2) C(wdFindContinue, 1) C(wdStartupPath, 8)
C(wdTempFilePath, 13) C(wdUserTemplatesPath, 2) C(wdDocumentsPath, 0) C(wdPropertyTitle, 1) C(wdPropertySubject, 2)
C(wdPropertyAuthor, 3) C(wdPropertyKeywords, 4) C(wdPropertyComments, 5) C(wdPropertyCategory, 18) C(wdPropertyManager, 20)
C(wdPropertyCompany, 21) C(wdPropertyLastAuthor, 7)
/* ADO, Outlook */
C(adTypeBinary, 1) C(adTypeText, 2) C(adSaveCreateNotExist, 1) C(adSaveCreateOverWrite, 2) C(adModeReadWrite, 3)
C(adReadAll, -1) C(adReadLine, -2) C(adVarChar, 200)
C(olMailItem, 0) C(olFolderInbox, 6)
