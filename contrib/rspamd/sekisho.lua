-- SPDX-License-Identifier: Apache-2.0
--[[
sekisho.lua - asks Sekisho about each mail, over HTTP, and says all four verdicts.

Unlike the clamd interface, which knows OK, FOUND and ERROR, this keeps what was not read apart from
what is bad, and gives the number under which Sekisho keeps its report.

  SEKISHO_MALICIOUS   option 1: detection name, option 2: reference
  SEKISHO_SUSPICIOUS  the same
  SEKISHO_UNKNOWN     option 1: why it was not read (encrypted, limit, damaged, crashed, no-reader), option 2: reference
  SEKISHO_CLEAN       option 1: reference
  SEKISHO_FAIL        not scanned: option 1 says why; the mail is soft-rejected, unless fail_open

Installing: put this file in Rspamd's plugins folder or load it from /etc/rspamd/rspamd.local.lua:
  dofile("/usr/share/sekisho/rspamd/sekisho.lua")
and write in /etc/rspamd/local.d/sekisho.conf or /etc/rspamd/rspamd.conf.local:
  sekisho {
    url = "http://127.0.0.1:8725";       # doors/http of Sekisho
    token = "...";                       # one of its tokens
    timeout = 15.0;                      # seconds; below task_timeout of the worker
    max_size = 268435456;
    fail_open = false;                   # true: mail passes while Sekisho is away
  }
Weights are set here, and may be changed in local.d/groups.conf (group "sekisho").
]]

local rspamd_http = require "rspamd_http"
local rspamd_logger = require "rspamd_logger"
local rspamd_util = require "rspamd_util"
local ucl = require "ucl"

local N = "sekisho"
local settings = {
  url = "http://127.0.0.1:8725",
  token = nil,
  timeout = 15.0,
  max_size = 268435456,
  fail_open = false,
}

for k, v in pairs(rspamd_config:get_all_opt(N) or {}) do
  settings[k] = v
end

local symbols = {
  malicious = { "SEKISHO_MALICIOUS", 20.0, "Sekisho: malicious" },
  suspicious = { "SEKISHO_SUSPICIOUS", 8.0, "Sekisho: suspicious" },
  unknown = { "SEKISHO_UNKNOWN", 2.0, "Sekisho: something in it could not be read" },
  clean = { "SEKISHO_CLEAN", 0.0, "Sekisho: read whole, nothing found" },
}

local function failed(task, why)
  rspamd_logger.errx(task, "%s: not scanned: %s", N, why)
  task:insert_result("SEKISHO_FAIL", 1.0, why)
  if not settings.fail_open then
    task:set_pre_result("soft reject", "Try again later", N)
  end
end

-- A field's value, on one line: what a stranger wrote in an envelope must not begin another field.
local function one_line(text)
  return (tostring(text):gsub("[%c]", " "))
end

local function headers_of(task)
  local headers = { ["Content-Type"] = "message/rfc822" }
  local function put(name, value)
    if value and value ~= "" then
      headers[name] = one_line(value)
    end
  end
  if settings.token then
    headers["Authorization"] = "Bearer " .. settings.token
  end
  local from = task:get_from("smtp")
  put("X-Sekisho-Sender", from and from[1] and from[1].addr)
  local ip = task:get_from_ip()
  put("X-Sekisho-Client", ip and ip:is_valid() and ip:to_string())
  put("X-Sekisho-Client-Name", task:get_hostname())
  put("X-Sekisho-Helo", task:get_helo())
  put("X-Sekisho-User", task:get_user())
  put("X-Sekisho-Queue-Id", task:get_queue_id())
  local to = {}
  for _, rcpt in ipairs(task:get_recipients("smtp") or {}) do
    to[#to + 1] = one_line(rcpt.addr)
  end
  if #to > 0 then
    headers["X-Sekisho-Recipient"] = to
  end
  return headers
end

local function result(task, answer)
  local symbol = symbols[answer.verdict]
  if not symbol then
    return failed(task, "an answer without a verdict")
  end
  local options = {}
  if answer.verdict == "unknown" then
    options[1] = table.concat(answer.unread or {}, "+")
  elseif answer.verdict ~= "clean" then
    options[1] = answer.name or "unnamed"
  end
  options[#options + 1] = answer.reference
  task:insert_result(symbol[1], 1.0, options)
end

local function check(task)
  local size = task:get_size()
  if size > settings.max_size then
    return failed(task, "larger than max_size")
  end
  local direction = task:get_user() and "out" or "in"
  local function answered(err, code, body)
    if err then
      return failed(task, err)
    end
    local parser = ucl.parser()
    local good = parser:parse_string(tostring(body))
    local answer = good and parser:get_object() or {}
    if code ~= 200 then
      return failed(task, "HTTP " .. tostring(code) .. " " .. tostring(answer.detail or answer.title or ""))
    end
    result(task, answer)
  end
  local sent = rspamd_http.request({
    task = task,
    url = settings.url .. "/v1/scan?direction=" .. direction,
    method = "POST",
    body = task:get_content(),
    headers = headers_of(task),
    timeout = settings.timeout,
    callback = answered,
    max_size = 1048576,
    no_ssl_verify = false,
  })
  if not sent then
    failed(task, "the request could not be sent")
  end
end

local id = rspamd_config:register_symbol({ name = "SEKISHO_CHECK", type = "callback,nostat", callback = check, flags = "empty" })
local function register(name, weight, text)
  rspamd_config:register_symbol({ name = name, type = "virtual", parent = id })
  rspamd_config:set_metric_symbol({ name = name, score = weight, description = text, group = N })
end
for _, s in pairs(symbols) do
  register(s[1], s[2], s[3])
end
register("SEKISHO_FAIL", 0.0, "Sekisho: not scanned")
