// SPDX-License-Identifier: Apache-2.0
// The public header as a C++ program includes it; only compiled.
#include <sekisho.h>

#include <memory>
#include <string>

struct freer {
    void operator()(sekisho_engine *e) const { sekisho_engine_free(e); }
    void operator()(sekisho_result *r) const { sekisho_result_free(r); }
};

std::string verdict(sekisho_engine *engine, const std::string &mail)
{
    sekisho_input in = {};
    in.bytes = mail.data();
    in.len = mail.size();
    sekisho_result *result = nullptr;
    sekisho_error error = {};
    if (sekisho_scan(engine, &in, &result, &error) < 0)
        return error.text;
    std::unique_ptr<sekisho_result, freer> keep(result);
    return sekisho_verdict_name(sekisho_result_verdict(result));
}
