/* SPDX-License-Identifier: Apache-2.0 */
/* texts - what a report says where a rule says nothing of its own. */
#pragma once
#include "judge/judge.h"

struct rule_text text_todo(enum verdict v);
struct rule_text text_unread(enum unread_cause c);
struct rule_text text_unread_todo(enum unread_cause c);
slice text_unread_name(enum unread_cause c);
struct rule_text text_clean(bool note);
struct rule_text text_promise(void);
