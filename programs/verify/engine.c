/* SPDX-License-Identifier: Apache-2.0 */
/* engine - was the report made by this version, with these rules and these settings? Where not,
 * what depends on them cannot be asked, and is not. */
#include "programs/verify/checks.h"

void engine_check(struct check *c)
{
    const struct jsonin *engine = jsonin_get(c->report, "engine");
    c->s.kind = STEP_ENGINE;
    c->same_version = steps_same(&c->s, shape_text(engine, "version"),
                                 SLICE_LIT(SEKISHO_VERSION_TEXT), "$.engine.version");
    c->same_rules =
        steps_same(&c->s, shape_text(engine, "rules"), rules_digest(c->rules), "$.engine.rules");
    c->same_settings = steps_same(&c->s, shape_text(engine, "settings"), slice_of(c->settings),
                                  "$.engine.settings");
}
