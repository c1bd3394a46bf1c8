<# block #> param($a) # remark
$b = "x # y"; Write-`Host 'it''s'; @'
# kept
'@
$c = [Convert]::FromBase64String('VwByAGkAdABlAC0ASABvAHMAdAAgACcAZQB4AGEAbQBwAGwAZQAuAGkAbgB2AGEAbABpAGQAJwA=')
