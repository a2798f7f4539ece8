#include "Harnesses.h"

// A C23 feature that the compiler has long had.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bobbin_R[] = {
#embed "Files/bobbin.R"
};

static const unsigned char bobbin_py[] = {
#embed "Files/bobbin.py"
};

static const unsigned char harness_R[] = {
#embed "Files/harness.R"
};

static const unsigned char harness_mjs[] = {
#embed "Files/harness.mjs"
};

static const unsigned char harness_py[] = {
#embed "Files/harness.py"
};

static const unsigned char harness_array_py[] = {
#embed "Files/harness_array.py"
};

static const unsigned char harness_checkpoint_py[] = {
#embed "Files/harness_checkpoint.py"
};

static const unsigned char harness_columns_py[] = {
#embed "Files/harness_columns.py"
};

static const unsigned char harness_csv_py[] = {
#embed "Files/harness_csv.py"
};

static const unsigned char harness_driver_py[] = {
#embed "Files/harness_driver.py"
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

static const unsigned char harness_imports_py[] = {
#embed "Files/harness_imports.py"
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

static const unsigned char harness_rowfiles_py[] = {
#embed "Files/harness_rowfiles.py"
};

static const unsigned char harness_rows_py[] = {
#embed "Files/harness_rows.py"
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

static const unsigned char index_cjs[] = {
#embed "Files/index.cjs"
};

static const unsigned char index_mjs[] = {
#embed "Files/index.mjs"
};

static const unsigned char package_json[] = {
#embed "Files/package.json"
};

static const struct harness_file files[] = {
    {"/run/bobbin/bobbin.R", bobbin_R, sizeof bobbin_R},
    {"/run/bobbin/python/bobbin.py", bobbin_py, sizeof bobbin_py},
    {"/run/bobbin/harness.R", harness_R, sizeof harness_R},
    {"/run/bobbin/harness.mjs", harness_mjs, sizeof harness_mjs},
    {"/run/bobbin/harness.py", harness_py, sizeof harness_py},
    {"/run/bobbin/harness_array.py", harness_array_py, sizeof harness_array_py},
    {"/run/bobbin/harness_checkpoint.py", harness_checkpoint_py, sizeof harness_checkpoint_py},
    {"/run/bobbin/harness_columns.py", harness_columns_py, sizeof harness_columns_py},
    {"/run/bobbin/harness_csv.py", harness_csv_py, sizeof harness_csv_py},
    {"/run/bobbin/harness_driver.py", harness_driver_py, sizeof harness_driver_py},
    {"/run/bobbin/harness_failure.py", harness_failure_py, sizeof harness_failure_py},
    {"/run/bobbin/harness_forgotten.py", harness_forgotten_py, sizeof harness_forgotten_py},
    {"/run/bobbin/harness_forms.py", harness_forms_py, sizeof harness_forms_py},
    {"/run/bobbin/harness_imports.py", harness_imports_py, sizeof harness_imports_py},
    {"/run/bobbin/harness_input.py", harness_input_py, sizeof harness_input_py},
    {"/run/bobbin/harness_json.py", harness_json_py, sizeof harness_json_py},
    {"/run/bobbin/harness_loop.py", harness_loop_py, sizeof harness_loop_py},
    {"/run/bobbin/harness_main.py", harness_main_py, sizeof harness_main_py},
    {"/run/bobbin/harness_result.py", harness_result_py, sizeof harness_result_py},
    {"/run/bobbin/harness_rowfiles.py", harness_rowfiles_py, sizeof harness_rowfiles_py},
    {"/run/bobbin/harness_rows.py", harness_rows_py, sizeof harness_rows_py},
    {"/run/bobbin/harness_signature.py", harness_signature_py, sizeof harness_signature_py},
    {"/run/bobbin/harness_statement.py", harness_statement_py, sizeof harness_statement_py},
    {"/run/bobbin/harness_variable.py", harness_variable_py, sizeof harness_variable_py},
    {"/node_modules/bobbin/index.cjs", index_cjs, sizeof index_cjs},
    {"/node_modules/bobbin/index.mjs", index_mjs, sizeof index_mjs},
    {"/node_modules/bobbin/package.json", package_json, sizeof package_json},
};

const struct harness_file *harness_file_at(size_t number) {
    return number < sizeof files / sizeof *files ? &files[number] : NULL;
}
