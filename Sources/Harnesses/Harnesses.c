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

static const unsigned char harness_base_cjs[] = {
#embed "Files/harness_base.cjs"
};

static const unsigned char harness_build_R[] = {
#embed "Files/harness_build.R"
};

static const unsigned char harness_checkpoint_R[] = {
#embed "Files/harness_checkpoint.R"
};

static const unsigned char harness_checkpoint_py[] = {
#embed "Files/harness_checkpoint.py"
};

static const unsigned char harness_columns_py[] = {
#embed "Files/harness_columns.py"
};

static const unsigned char harness_csv_R[] = {
#embed "Files/harness_csv.R"
};

static const unsigned char harness_csv_py[] = {
#embed "Files/harness_csv.py"
};

static const unsigned char harness_driver_py[] = {
#embed "Files/harness_driver.py"
};

static const unsigned char harness_errors_R[] = {
#embed "Files/harness_errors.R"
};

static const unsigned char harness_errors_cjs[] = {
#embed "Files/harness_errors.cjs"
};

static const unsigned char harness_escapes_R[] = {
#embed "Files/harness_escapes.R"
};

static const unsigned char harness_failure_py[] = {
#embed "Files/harness_failure.py"
};

static const unsigned char harness_find_cjs[] = {
#embed "Files/harness_find.cjs"
};

static const unsigned char harness_forgotten_py[] = {
#embed "Files/harness_forgotten.py"
};

static const unsigned char harness_forms_py[] = {
#embed "Files/harness_forms.py"
};

static const unsigned char harness_guard_R[] = {
#embed "Files/harness_guard.R"
};

static const unsigned char harness_imports_py[] = {
#embed "Files/harness_imports.py"
};

static const unsigned char harness_input_R[] = {
#embed "Files/harness_input.R"
};

static const unsigned char harness_input_cjs[] = {
#embed "Files/harness_input.cjs"
};

static const unsigned char harness_input_py[] = {
#embed "Files/harness_input.py"
};

static const unsigned char harness_json_cjs[] = {
#embed "Files/harness_json.cjs"
};

static const unsigned char harness_json_py[] = {
#embed "Files/harness_json.py"
};

static const unsigned char harness_lines_R[] = {
#embed "Files/harness_lines.R"
};

static const unsigned char harness_lines_cjs[] = {
#embed "Files/harness_lines.cjs"
};

static const unsigned char harness_loop_py[] = {
#embed "Files/harness_loop.py"
};

static const unsigned char harness_main_R[] = {
#embed "Files/harness_main.R"
};

static const unsigned char harness_main_cjs[] = {
#embed "Files/harness_main.cjs"
};

static const unsigned char harness_main_py[] = {
#embed "Files/harness_main.py"
};

static const unsigned char harness_parse_cjs[] = {
#embed "Files/harness_parse.cjs"
};

static const unsigned char harness_parts_cjs[] = {
#embed "Files/harness_parts.cjs"
};

static const unsigned char harness_place_R[] = {
#embed "Files/harness_place.R"
};

static const unsigned char harness_read_R[] = {
#embed "Files/harness_read.R"
};

static const unsigned char harness_records_R[] = {
#embed "Files/harness_records.R"
};

static const unsigned char harness_records_cjs[] = {
#embed "Files/harness_records.cjs"
};

static const unsigned char harness_report_R[] = {
#embed "Files/harness_report.R"
};

static const unsigned char harness_result_R[] = {
#embed "Files/harness_result.R"
};

static const unsigned char harness_result_cjs[] = {
#embed "Files/harness_result.cjs"
};

static const unsigned char harness_result_py[] = {
#embed "Files/harness_result.py"
};

static const unsigned char harness_rowfiles_py[] = {
#embed "Files/harness_rowfiles.py"
};

static const unsigned char harness_rows_R[] = {
#embed "Files/harness_rows.R"
};

static const unsigned char harness_rows_cjs[] = {
#embed "Files/harness_rows.cjs"
};

static const unsigned char harness_rows_py[] = {
#embed "Files/harness_rows.py"
};

static const unsigned char harness_script_R[] = {
#embed "Files/harness_script.R"
};

static const unsigned char harness_script_cjs[] = {
#embed "Files/harness_script.cjs"
};

static const unsigned char harness_seen_R[] = {
#embed "Files/harness_seen.R"
};

static const unsigned char harness_signature_py[] = {
#embed "Files/harness_signature.py"
};

static const unsigned char harness_statement_py[] = {
#embed "Files/harness_statement.py"
};

static const unsigned char harness_syntax_cjs[] = {
#embed "Files/harness_syntax.cjs"
};

static const unsigned char harness_table_cjs[] = {
#embed "Files/harness_table.cjs"
};

static const unsigned char harness_variable_py[] = {
#embed "Files/harness_variable.py"
};

static const unsigned char harness_vectors_R[] = {
#embed "Files/harness_vectors.R"
};

static const unsigned char harness_whole_cjs[] = {
#embed "Files/harness_whole.cjs"
};

static const unsigned char harness_widen_R[] = {
#embed "Files/harness_widen.R"
};

static const unsigned char harness_widen_cjs[] = {
#embed "Files/harness_widen.cjs"
};

static const unsigned char harness_write_R[] = {
#embed "Files/harness_write.R"
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
    {"/run/bobbin/harness_base.cjs", harness_base_cjs, sizeof harness_base_cjs},
    {"/run/bobbin/harness_build.R", harness_build_R, sizeof harness_build_R},
    {"/run/bobbin/harness_checkpoint.R", harness_checkpoint_R, sizeof harness_checkpoint_R},
    {"/run/bobbin/harness_checkpoint.py", harness_checkpoint_py, sizeof harness_checkpoint_py},
    {"/run/bobbin/harness_columns.py", harness_columns_py, sizeof harness_columns_py},
    {"/run/bobbin/harness_csv.R", harness_csv_R, sizeof harness_csv_R},
    {"/run/bobbin/harness_csv.py", harness_csv_py, sizeof harness_csv_py},
    {"/run/bobbin/harness_driver.py", harness_driver_py, sizeof harness_driver_py},
    {"/run/bobbin/harness_errors.R", harness_errors_R, sizeof harness_errors_R},
    {"/run/bobbin/harness_errors.cjs", harness_errors_cjs, sizeof harness_errors_cjs},
    {"/run/bobbin/harness_escapes.R", harness_escapes_R, sizeof harness_escapes_R},
    {"/run/bobbin/harness_failure.py", harness_failure_py, sizeof harness_failure_py},
    {"/run/bobbin/harness_find.cjs", harness_find_cjs, sizeof harness_find_cjs},
    {"/run/bobbin/harness_forgotten.py", harness_forgotten_py, sizeof harness_forgotten_py},
    {"/run/bobbin/harness_forms.py", harness_forms_py, sizeof harness_forms_py},
    {"/run/bobbin/harness_guard.R", harness_guard_R, sizeof harness_guard_R},
    {"/run/bobbin/harness_imports.py", harness_imports_py, sizeof harness_imports_py},
    {"/run/bobbin/harness_input.R", harness_input_R, sizeof harness_input_R},
    {"/run/bobbin/harness_input.cjs", harness_input_cjs, sizeof harness_input_cjs},
    {"/run/bobbin/harness_input.py", harness_input_py, sizeof harness_input_py},
    {"/run/bobbin/harness_json.cjs", harness_json_cjs, sizeof harness_json_cjs},
    {"/run/bobbin/harness_json.py", harness_json_py, sizeof harness_json_py},
    {"/run/bobbin/harness_lines.R", harness_lines_R, sizeof harness_lines_R},
    {"/run/bobbin/harness_lines.cjs", harness_lines_cjs, sizeof harness_lines_cjs},
    {"/run/bobbin/harness_loop.py", harness_loop_py, sizeof harness_loop_py},
    {"/run/bobbin/harness_main.R", harness_main_R, sizeof harness_main_R},
    {"/run/bobbin/harness_main.cjs", harness_main_cjs, sizeof harness_main_cjs},
    {"/run/bobbin/harness_main.py", harness_main_py, sizeof harness_main_py},
    {"/run/bobbin/harness_parse.cjs", harness_parse_cjs, sizeof harness_parse_cjs},
    {"/run/bobbin/harness_parts.cjs", harness_parts_cjs, sizeof harness_parts_cjs},
    {"/run/bobbin/harness_place.R", harness_place_R, sizeof harness_place_R},
    {"/run/bobbin/harness_read.R", harness_read_R, sizeof harness_read_R},
    {"/run/bobbin/harness_records.R", harness_records_R, sizeof harness_records_R},
    {"/run/bobbin/harness_records.cjs", harness_records_cjs, sizeof harness_records_cjs},
    {"/run/bobbin/harness_report.R", harness_report_R, sizeof harness_report_R},
    {"/run/bobbin/harness_result.R", harness_result_R, sizeof harness_result_R},
    {"/run/bobbin/harness_result.cjs", harness_result_cjs, sizeof harness_result_cjs},
    {"/run/bobbin/harness_result.py", harness_result_py, sizeof harness_result_py},
    {"/run/bobbin/harness_rowfiles.py", harness_rowfiles_py, sizeof harness_rowfiles_py},
    {"/run/bobbin/harness_rows.R", harness_rows_R, sizeof harness_rows_R},
    {"/run/bobbin/harness_rows.cjs", harness_rows_cjs, sizeof harness_rows_cjs},
    {"/run/bobbin/harness_rows.py", harness_rows_py, sizeof harness_rows_py},
    {"/run/bobbin/harness_script.R", harness_script_R, sizeof harness_script_R},
    {"/run/bobbin/harness_script.cjs", harness_script_cjs, sizeof harness_script_cjs},
    {"/run/bobbin/harness_seen.R", harness_seen_R, sizeof harness_seen_R},
    {"/run/bobbin/harness_signature.py", harness_signature_py, sizeof harness_signature_py},
    {"/run/bobbin/harness_statement.py", harness_statement_py, sizeof harness_statement_py},
    {"/run/bobbin/harness_syntax.cjs", harness_syntax_cjs, sizeof harness_syntax_cjs},
    {"/run/bobbin/harness_table.cjs", harness_table_cjs, sizeof harness_table_cjs},
    {"/run/bobbin/harness_variable.py", harness_variable_py, sizeof harness_variable_py},
    {"/run/bobbin/harness_vectors.R", harness_vectors_R, sizeof harness_vectors_R},
    {"/run/bobbin/harness_whole.cjs", harness_whole_cjs, sizeof harness_whole_cjs},
    {"/run/bobbin/harness_widen.R", harness_widen_R, sizeof harness_widen_R},
    {"/run/bobbin/harness_widen.cjs", harness_widen_cjs, sizeof harness_widen_cjs},
    {"/run/bobbin/harness_write.R", harness_write_R, sizeof harness_write_R},
    {"/node_modules/bobbin/index.cjs", index_cjs, sizeof index_cjs},
    {"/node_modules/bobbin/index.mjs", index_mjs, sizeof index_mjs},
    {"/node_modules/bobbin/package.json", package_json, sizeof package_json},
};

const struct harness_file *harness_file_at(size_t number) {
    return number < sizeof files / sizeof *files ? &files[number] : NULL;
}
