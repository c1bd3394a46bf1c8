@echo off
rem remark
:: remark
set a=x
c^md /c ec^
ho %a% ^& copy "a b" %TEMP%\c
