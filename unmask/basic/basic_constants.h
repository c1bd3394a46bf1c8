/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the standard library ([MS-VBAL] 6.1.1), as far as obfuscators and droppers use them.
 * Included with C(name, value). */
/* VbAppWinStyle, VbCallType, VbCompareMethod, VbStrConv, VbFileAttribute */
C(vbHide, 0) C(vbNormalFocus, 1) C(vbMinimizedFocus, 2) C(vbMaximizedFocus, 3) C(vbNormalNoFocus, 4) C(vbMinimizedNoFocus, 6)
C(vbMethod, 1) C(vbGet, 2) C(vbLet, 4) C(vbSet, 8)
C(vbBinaryCompare, 0) C(vbTextCompare, 1) C(vbDatabaseCompare, 2) C(vbUseCompareOption, -1)
C(vbUpperCase, 1) C(vbLowerCase, 2) C(vbProperCase, 3) C(vbWide, 4) C(vbNarrow, 8) C(vbKatakana, 16) C(vbHiragana, 32)
C(vbUnicode, 64) C(vbFromUnicode, 128)
C(vbNormal, 0) C(vbReadOnly, 1) C(vbHidden, 2) C(vbSystem, 4) C(vbVolume, 8) C(vbDirectory, 16) C(vbArchive, 32) C(vbAlias, 64)
/* VbVarType */
C(vbEmpty, 0) C(vbNull, 1) C(vbInteger, 2) C(vbLong, 3) C(vbSingle, 4) C(vbDouble, 5) C(vbCurrency, 6) C(vbDate, 7)
C(vbString, 8) C(vbObject, 9) C(vbError, 10) C(vbBoolean, 11) C(vbVariant, 12) C(vbDataObject, 13) C(vbDecimal, 14)
C(vbByte, 17) C(vbLongLong, 20) C(vbUserDefinedType, 36) C(vbArray, 8192) C(vbObjectError, -2147221504)
/* VbMsgBoxStyle, VbMsgBoxResult */
C(vbOKOnly, 0) C(vbOKCancel, 1) C(vbAbortRetryIgnore, 2) C(vbYesNoCancel, 3) C(vbYesNo, 4) C(vbRetryCancel, 5)
C(vbCritical, 16) C(vbQuestion, 32) C(vbExclamation, 48) C(vbInformation, 64) C(vbDefaultButton1, 0) C(vbDefaultButton2, 256)
C(vbApplicationModal, 0) C(vbSystemModal, 4096) C(vbMsgBoxSetForeground, 65536) C(vbOK, 1) C(vbCancel, 2) C(vbAbort, 3)
C(vbRetry, 4) C(vbIgnore, 5) C(vbYes, 6) C(vbNo, 7)
/* VbDayOfWeek, VbFirstWeekOfYear, VbDateTimeFormat, VbTriState, ColorConstants */
C(vbSunday, 1) C(vbMonday, 2) C(vbTuesday, 3) C(vbWednesday, 4) C(vbThursday, 5) C(vbFriday, 6) C(vbSaturday, 7)
C(vbUseSystemDayOfWeek, 0) C(vbUseSystem, 0) C(vbFirstJan1, 1) C(vbFirstFourDays, 2) C(vbFirstFullWeek, 3)
C(vbGeneralDate, 0) C(vbLongDate, 1) C(vbShortDate, 2) C(vbLongTime, 3) C(vbShortTime, 4)
C(vbTrue, -1) C(vbFalse, 0) C(vbUseDefault, -2)
C(vbBlack, 0) C(vbRed, 255) C(vbGreen, 65280) C(vbYellow, 65535) C(vbBlue, 16711680) C(vbMagenta, 16711935)
C(vbCyan, 16776960) C(vbWhite, 16777215)
/* KeyCodeConstants */
C(vbKeyLButton, 1) C(vbKeyRButton, 2) C(vbKeyCancel, 3) C(vbKeyMButton, 4) C(vbKeyBack, 8) C(vbKeyTab, 9) C(vbKeyClear, 12)
C(vbKeyReturn, 13) C(vbKeyShift, 16) C(vbKeyControl, 17) C(vbKeyMenu, 18) C(vbKeyPause, 19) C(vbKeyCapital, 20)
C(vbKeyEscape, 27) C(vbKeySpace, 32) C(vbKeyPageUp, 33) C(vbKeyPageDown, 34) C(vbKeyEnd, 35) C(vbKeyHome, 36)
C(vbKeyLeft, 37) C(vbKeyUp, 38) C(vbKeyRight, 39) C(vbKeyDown, 40) C(vbKeySelect, 41) C(vbKeyPrint, 42) C(vbKeyExecute, 43)
C(vbKeySnapshot, 44) C(vbKeyInsert, 45) C(vbKeyDelete, 46) C(vbKeyHelp, 47) C(vbKeyNumlock, 144) C(vbKeyMultiply, 106)
C(vbKeyAdd, 107) C(vbKeySeparator, 108) C(vbKeySubtract, 109) C(vbKeyDecimal, 110) C(vbKeyDivide, 111)
C(vbKeyNumpad0, 96) C(vbKeyNumpad1, 97) C(vbKeyNumpad2, 98) C(vbKeyNumpad3, 99) C(vbKeyNumpad4, 100) C(vbKeyNumpad5, 101)
C(vbKeyNumpad6, 102) C(vbKeyNumpad7, 103) C(vbKeyNumpad8, 104) C(vbKeyNumpad9, 105)
