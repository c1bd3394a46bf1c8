/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_functions - what stands behind the names of the table (xlm_function.c). */
#pragma once
#include "unmask/xlm/xlm_private.h"

/* --- xlm_text.c */
XLM_CALL(xlm_text_char);
XLM_CALL(xlm_text_clean);
XLM_CALL(xlm_text_code);
XLM_CALL(xlm_text_concat);
XLM_CALL(xlm_text_concatenate);
XLM_CALL(xlm_text_exact);
XLM_CALL(xlm_text_find);
XLM_CALL(xlm_text_left);
XLM_CALL(xlm_text_len);
XLM_CALL(xlm_text_lower);
XLM_CALL(xlm_text_mid);
XLM_CALL(xlm_text_n);
XLM_CALL(xlm_text_proper);
XLM_CALL(xlm_text_replace);
XLM_CALL(xlm_text_rept);
XLM_CALL(xlm_text_right);
XLM_CALL(xlm_text_search);
XLM_CALL(xlm_text_substitute);
XLM_CALL(xlm_text_t);
XLM_CALL(xlm_text_text);
XLM_CALL(xlm_text_textjoin);
XLM_CALL(xlm_text_trim);
XLM_CALL(xlm_text_unichar);
XLM_CALL(xlm_text_upper);
XLM_CALL(xlm_text_value);

/* --- xlm_math.c */
XLM_CALL(xlm_math_abs);
XLM_CALL(xlm_math_and);
XLM_CALL(xlm_math_average);
XLM_CALL(xlm_math_bitand);
XLM_CALL(xlm_math_bitor);
XLM_CALL(xlm_math_bitxor);
XLM_CALL(xlm_math_ceiling);
XLM_CALL(xlm_math_cos);
XLM_CALL(xlm_math_count);
XLM_CALL(xlm_math_counta);
XLM_CALL(xlm_math_error_type);
XLM_CALL(xlm_math_even);
XLM_CALL(xlm_math_exp);
XLM_CALL(xlm_math_fact);
XLM_CALL(xlm_math_false);
XLM_CALL(xlm_math_floor);
XLM_CALL(xlm_math_hex2dec);
XLM_CALL(xlm_math_iferror);
XLM_CALL(xlm_math_int);
XLM_CALL(xlm_math_isblank);
XLM_CALL(xlm_math_iserr);
XLM_CALL(xlm_math_iserror);
XLM_CALL(xlm_math_islogical);
XLM_CALL(xlm_math_isna);
XLM_CALL(xlm_math_isnontext);
XLM_CALL(xlm_math_isnumber);
XLM_CALL(xlm_math_isref);
XLM_CALL(xlm_math_istext);
XLM_CALL(xlm_math_ln);
XLM_CALL(xlm_math_log10);
XLM_CALL(xlm_math_max);
XLM_CALL(xlm_math_min);
XLM_CALL(xlm_math_mod);
XLM_CALL(xlm_math_na);
XLM_CALL(xlm_math_not);
XLM_CALL(xlm_math_odd);
XLM_CALL(xlm_math_or);
XLM_CALL(xlm_math_pi);
XLM_CALL(xlm_math_power);
XLM_CALL(xlm_math_product);
XLM_CALL(xlm_math_quotient);
XLM_CALL(xlm_math_round);
XLM_CALL(xlm_math_rounddown);
XLM_CALL(xlm_math_roundup);
XLM_CALL(xlm_math_sign);
XLM_CALL(xlm_math_sin);
XLM_CALL(xlm_math_sqrt);
XLM_CALL(xlm_math_sum);
XLM_CALL(xlm_math_tan);
XLM_CALL(xlm_math_true);
XLM_CALL(xlm_math_trunc);
XLM_CALL(xlm_math_type);
XLM_CALL(xlm_math_xor);

/* --- xlm_cell.c */
/* Each value of the arguments, areas and arrays whole; `one` says whether to go on. */
void xlm_cell_each(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                   bool (*one)(struct xlm_book *, void *, struct xlm_value), void *host);
XLM_CALL(xlm_cell_absref);
XLM_CALL(xlm_cell_active);
XLM_CALL(xlm_cell_address);
XLM_CALL(xlm_cell_caller);
XLM_CALL(xlm_cell_clear);
XLM_CALL(xlm_cell_column);
XLM_CALL(xlm_cell_columns);
XLM_CALL(xlm_cell_copy);
XLM_CALL(xlm_cell_define_name);
XLM_CALL(xlm_cell_delete_name);
XLM_CALL(xlm_cell_deref);
XLM_CALL(xlm_cell_evaluate);
XLM_CALL(xlm_cell_formula);
XLM_CALL(xlm_cell_formula_fill);
XLM_CALL(xlm_cell_get_formula);
XLM_CALL(xlm_cell_get_name);
XLM_CALL(xlm_cell_hlookup);
XLM_CALL(xlm_cell_index);
XLM_CALL(xlm_cell_indirect);
XLM_CALL(xlm_cell_match);
XLM_CALL(xlm_cell_offset);
XLM_CALL(xlm_cell_reftext);
XLM_CALL(xlm_cell_relref);
XLM_CALL(xlm_cell_row);
XLM_CALL(xlm_cell_rows);
XLM_CALL(xlm_cell_select);
XLM_CALL(xlm_cell_selection);
XLM_CALL(xlm_cell_set_name);
XLM_CALL(xlm_cell_set_value);
XLM_CALL(xlm_cell_textref);
XLM_CALL(xlm_cell_vlookup);
XLM_CALL(xlm_cell_workbook_select);

/* --- xlm_state.c */
XLM_CALL(xlm_state_date);
XLM_CALL(xlm_state_day);
XLM_CALL(xlm_state_get_cell);
XLM_CALL(xlm_state_get_document);
XLM_CALL(xlm_state_get_window);
XLM_CALL(xlm_state_get_workbook);
XLM_CALL(xlm_state_get_workspace);
XLM_CALL(xlm_state_month);
XLM_CALL(xlm_state_now);
XLM_CALL(xlm_state_unknown);
XLM_CALL(xlm_state_year);

/* --- xlm_sink.c */
XLM_CALL(xlm_sink_alert);
XLM_CALL(xlm_sink_CALL);
XLM_CALL(xlm_sink_directory);
XLM_CALL(xlm_sink_exec);
XLM_CALL(xlm_sink_execute);
XLM_CALL(xlm_sink_fclose);
XLM_CALL(xlm_sink_file_delete);
XLM_CALL(xlm_sink_files);
XLM_CALL(xlm_sink_fopen);
XLM_CALL(xlm_sink_fread);
XLM_CALL(xlm_sink_fwrite);
XLM_CALL(xlm_sink_fwriteln);
XLM_CALL(xlm_sink_initiate);
XLM_CALL(xlm_sink_nothing);
XLM_CALL(xlm_sink_on_time);
XLM_CALL(xlm_sink_open);
XLM_CALL(xlm_sink_register);
XLM_CALL(xlm_sink_save_as);
XLM_CALL(xlm_sink_wait);
