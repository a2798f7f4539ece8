#include "Harnesses.h"

// A C23 feature that the compiler has long had.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bobbin_R[] = {
#embed "Files/bobbin.R"
};

static const unsigned char bobbin_py[] = {
#embed "Files/bobbin.py"
};

static const unsigned char harness_py[] = {
#embed "Files/harness.py"
};

static const unsigned char harness_failure_py[] = {
#embed "Files/harness_failure.py"
};

static const unsigned char harness_forgotten_py[] = {
#embed "Files/harness_forgotten.py"
};

static const unsigned char harness_forms_py[] = {
#embed "Files/harness_forms.py"
};

static const unsigned char harness_input_py[] = {
#embed "Files/harness_input.py"
};

static const unsigned char harness_json_py[] = {
#embed "Files/harness_json.py"
};

static const unsigned char harness_loop_py[] = {
#embed "Files/harness_loop.py"
};

static const unsigned char harness_main_py[] = {
#embed "Files/harness_main.py"
};

static const unsigned char harness_result_py[] = {
#embed "Files/harness_result.py"
};

static const unsigned char harness_signature_py[] = {
#embed "Files/harness_signature.py"
};

static const unsigned char harness_statement_py[] = {
#embed "Files/harness_statement.py"
};

static const unsigned char harness_variable_py[] = {
#embed "Files/harness_variable.py"
};

static const struct harness_file files[] = {
    {"/run/bobbin/bobbin.R", bobbin_R, sizeof bobbin_R},
    {"/run/bobbin/python/bobbin.py", bobbin_py, sizeof bobbin_py},
    {"/run/bobbin/harness.py", harness_py, sizeof harness_py},
    {"/run/bobbin/harness_failure.py", harness_failure_py, sizeof harness_failure_py},
    {"/run/bobbin/harness_forgotten.py", harness_forgotten_py, sizeof harness_forgotten_py},
    {"/run/bobbin/harness_forms.py", harness_forms_py, sizeof harness_forms_py},
    {"/run/bobbin/harness_input.py", harness_input_py, sizeof harness_input_py},
    {"/run/bobbin/harness_json.py", harness_json_py, sizeof harness_json_py},
    {"/run/bobbin/harness_loop.py", harness_loop_py, sizeof harness_loop_py},
    {"/run/bobbin/harness_main.py", harness_main_py, sizeof harness_main_py},
    {"/run/bobbin/harness_result.py", harness_result_py, sizeof harness_result_py},
    {"/run/bobbin/harness_signature.py", harness_signature_py, sizeof harness_signature_py},
    {"/run/bobbin/harness_statement.py", harness_statement_py, sizeof harness_statement_py},
    {"/run/bobbin/harness_variable.py", harness_variable_py, sizeof harness_variable_py},
};

const struct harness_file *harness_file_at(size_t number) {
    return number < sizeof files / sizeof *files ? &files[number] : NULL;
}
