// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/config.c and the rooms behind it: for each wrong file the line and the sentence. */
#include "configs.h"

Test(config_wrong, refuses_what_is_no_mapping)
{
	expect_wrong("", "a.yaml:1: the file is empty");
	expect_wrong("# nothing\n\n", "a.yaml:1: the file is empty");
	expect_wrong("---\n", "a.yaml:1: the file is empty");
	expect_wrong("{}\n", "a.yaml:1: a file is a mapping of 'chains' and 'hooks'");
	expect_wrong("\n- edge\n", "a.yaml:2: a file is a mapping of 'chains' and 'hooks'");
	expect_wrong("edge\n", "a.yaml:1: a file is a mapping of 'chains' and 'hooks'");
}

Test(config_wrong, names_the_line_of_a_tab)
{
	expect_wrong("chains:\n\tedge: 1\n", "a.yaml:2: a tab indents; only spaces may");
	expect_wrong("chains:\n  edge:\n   - name: x\n\t program: {id: 1}\n", "a.yaml:4: a tab indents; only spaces may");
}

Test(config_wrong, names_the_line_where_a_quote_or_bracket_opens)
{
	expect_wrong("chains:\n  edge:\n    - name: \"meter\n      program: { id: 7 }\n",
		     "a.yaml:3: the quote that opens here is never closed");
	expect_wrong("chains:\n  edge:\n    - { name: a, program: { id: 1 }\n    - { name: b }\n",
		     "a.yaml:3: a ',' is missing in the mapping that opens here, or its '}'");
	expect_wrong("hooks: [\n", "a.yaml:2: a value was expected");
	expect_wrong("hooks: [a, b\nchains: {}\n", "a.yaml:1: a ',' is missing in the list that opens here, or its ']'");
}

Test(config_wrong, names_the_line_of_bad_indentation)
{
	expect_wrong("chains:\n  edge:\n    - name: a\n     program: { id: 1 }\n",
		     "a.yaml:4: a '-' was expected: does the indentation fit the lines above?");
	expect_wrong("chains:\n    edge: []\n  other: []\n",
		     "a.yaml:3: a key was expected: does the indentation fit the lines above?");
	expect_wrong("chains:\n  edge:\n    - name: a\n        program: { id: 1 }\n",
		     "a.yaml:4: a ':' was not expected here: does the indentation fit, is a quote or another ':' missing?");
}

Test(config_wrong, refuses_other_syntax)
{
	expect_wrong("chains: {}\nhooks\n", "a.yaml:2: a ':' is missing");
	expect_wrong("chains:\n  edge: @a\n", "a.yaml:2: a value that begins with '%', '@' or '`' needs quotes");
	expect_wrong("chains: !x!y {}\n", "a.yaml:1: a tag ('!') that nobody defined");
	expect_wrong("chains:\n  \"\\q\": 1\n", "a.yaml:2: not YAML: found unknown escape character");
}

Test(config_wrong, refuses_bytes_that_are_no_text)
{
	static const char zero[] = "chains:\n  e\0ge: 1\n";

	expect_sized(zero, sizeof(zero) - 1, -EINVAL, "a.yaml:2: the control character 0x00 may not stand in a file");
	expect_wrong("chains: {}\n\n# \x1b[1m\n", "a.yaml:3: the control character 0x1b may not stand in a file");
	expect_wrong("chains: {}\n# \xff\n", "a.yaml:2: the file is not UTF-8 text");
	expect_wrong("chains: {}\n# \xc3\n", "a.yaml:2: the file is not UTF-8 text");
	expect_wrong("\xff\xfe" "c", "a.yaml:1: the file is not UTF-8 text");
}

Test(config_wrong, refuses_aliases_and_anchors)
{
	expect_wrong("chains:\n  a: &all []\n  b: *all\n", "a.yaml:2: anchors ('&all') are not allowed");
	expect_wrong("chains:\n  b: *all\n", "a.yaml:2: aliases ('*all') are not allowed");
}

Test(config_wrong, refuses_a_second_document)
{
	expect_wrong(FILTER "---\nchains: {}\n", "a.yaml:5: a second document begins here: a file holds one");
}

Test(config_wrong, has_limits_and_says_them)
{
	expect_repeated("", "[", 100000, "", "a.yaml:1: nested deeper than 16 levels");
	expect_repeated("a: ", "{a: ", 100000, "", "a.yaml:1: nested deeper than 16 levels");
	expect_repeated("", "- ", 100000, "", "a.yaml:1: nested deeper than 16 levels");
	expect_repeated("#", "\n", 1 << 20, "", "a.yaml:1: the file is larger than 1 MiB");
	expect_repeated("hooks:\n", "- {chain: a, dev: a, at: egress}\n", 5000, "",
			"a.yaml:4098: hooks has more than 4096 entries");
}

Test(config_wrong, names_an_unknown_key_where_it_stands)
{
	expect_wrong("chain: {}\n", "a.yaml:1: unknown key 'chain' in the file");
	expect_wrong(FILTER "      Prio: 4\n", "a.yaml:5: unknown key 'Prio' in a filter");
	expect_wrong(PROGRAM "\n        id: 7\n        tag: a\n", "a.yaml:6: unknown key 'tag' in a program");
	expect_wrong("hooks:\n  - chain: a\n    device: eth0\n", "a.yaml:3: unknown key 'device' in a hook");
	expect_wrong("chains:\n  edge:\n    - <<: {}\n", "a.yaml:3: unknown key '<<' in a filter");
	expect_wrong("? [chains]\n: {}\n", "a.yaml:1: a key must be one value");
}

Test(config_wrong, refuses_a_wrong_type)
{
	expect_wrong("chains: edge\n", "a.yaml:1: chains must be a mapping");
	expect_wrong("chains:\n  - edge\n", "a.yaml:2: chains must be a mapping");
	expect_wrong("chains:\n  edge: { name: a }\n", "a.yaml:2: chain 'edge' must be a list");
	expect_wrong("chains:\n  edge:\n    - meter\n", "a.yaml:3: a filter must be a mapping");
	expect_wrong("hooks: { a: b }\n", "a.yaml:1: hooks must be a list");
	expect_wrong("hooks:\n  - eth0\n", "a.yaml:2: a hook must be a mapping");
	expect_wrong(PROGRAM "meter.o\n", "a.yaml:4: program must be a mapping");
	expect_wrong(FILTER "      prio: [1]\n", "a.yaml:5: prio must be one value");
	expect_wrong(FILTER "      continue-on: { ok: shot }\n", "a.yaml:5: continue-on must be a list of verdicts");
	expect_wrong(FILTER "      continue-on: [[ok]]\n", "a.yaml:5: a verdict of continue-on must be one value");
}

Test(config_wrong, refuses_a_key_without_value)
{
	expect_wrong("chains:\nhooks: []\n", "a.yaml:1: chains has no value");
	expect_wrong("chains:\n  edge:\n", "a.yaml:2: chain 'edge' has no value");
	expect_wrong("chains:\n  edge:\n    -\n", "a.yaml:3: a filter has no value");
	expect_wrong("chains:\n  edge:\n    - name:\n      program: { id: 7 }\n", "a.yaml:3: name has no value");
	expect_wrong("chains:\n  edge:\n    - name: ~\n", "a.yaml:3: name has no value");
	expect_wrong("chains:\n  edge:\n    - name: ''\n", "a.yaml:3: name is empty");
	expect_wrong(PROGRAM "{ object: \"\" }\n", "a.yaml:4: object is empty");
	expect_wrong("chains:\n  edge: []\n", "a.yaml:2: chain 'edge' is an empty list");
}

Test(config_wrong, refuses_what_lacks_a_key)
{
	expect_wrong("chains:\n  edge:\n    - program: { id: 7 }\n", "a.yaml:3: a filter has no 'name'");
	expect_wrong("chains:\n  edge:\n    - name: a\n      prio: 1\n", "a.yaml:3: a filter has no 'program'");
	expect_wrong("hooks:\n  - { dev: a, at: egress }\n", "a.yaml:2: a hook has no 'chain'");
	expect_wrong("hooks:\n  - { chain: a, at: egress }\n", "a.yaml:2: a hook has no 'dev'");
	expect_wrong("hooks:\n  - chain: a\n    dev: b\n", "a.yaml:2: a hook has no 'at'");
}

Test(config_wrong, refuses_a_name_twice)
{
	expect_wrong(FILTER "    - name: meter\n      program: { id: 8 }\n",
		     "a.yaml:5: chain 'edge' has a filter 'meter' already, on line 3");
	expect_wrong(FILTER "  edge: []\n", "a.yaml:5: 'edge' stands twice, first on line 2");
	expect_wrong(FILTER "      name: again\n", "a.yaml:5: 'name' stands twice, first on line 3");
	expect_wrong("hooks: []\nchains: {}\nhooks: []\n", "a.yaml:3: 'hooks' stands twice, first on line 1");
}

Test(config_wrong, refuses_names_that_nobody_can_show)
{
	expect_wrong("chains:\n  edge:\n    - name: \"a\\nb\"\n      program: { id: 7 }\n",
		     "a.yaml:3: 'a\\x0ab' cannot name a filter: control characters are not allowed");
	expect_wrong("chains:\n  edge:\n    - name: \"a\\0b\"\n      program: { id: 7 }\n",
		     "a.yaml:3: name has a NUL in it");
	expect_wrong("chains:\n  a/b:\n    - { name: a, program: { id: 7 } }\n",
		     "a.yaml:2: 'a/b' cannot name a chain: 1 to 63 bytes, no '/', no control characters");
	expect_repeated("chains:\n  edge:\n    - name: ", "n", 256, "\n", "a.yaml:3: name is longer than 255 bytes");
}

Test(config_wrong, wants_exactly_one_source)
{
	expect_wrong(PROGRAM "{}\n", "a.yaml:4: a program needs one of object, pinned and id");
	expect_wrong(PROGRAM "{ section: tc }\n", "a.yaml:4: a program needs one of object, pinned and id");
	expect_wrong(PROGRAM "\n        object: a.o\n        pinned: /p\n",
		     "a.yaml:6: a program has one source: object, pinned or id, not several");
	expect_wrong(PROGRAM "\n        id: 4\n        section: tc\n",
		     "a.yaml:6: section is for a program from an object only");
	expect_wrong(PROGRAM "{ pinned: /p, sha256: " HEX " }\n", "a.yaml:4: sha256 is for a program from an object only");
	expect_wrong(PROGRAM "\n        object: a.o\n        section: tc\n        symbol: a\n",
		     "a.yaml:7: section and symbol both choose the program: one of them is enough");
}

Test(config_wrong, refuses_a_digest_that_is_none)
{
	expect_wrong(PROGRAM "\n        object: a.o\n        sha256: " HEX "00\n",
		     "a.yaml:6: sha256 must be 64 hexadecimal digits");
	expect_wrong(PROGRAM "{ object: a.o, sha256: 9f }\n", "a.yaml:4: sha256 must be 64 hexadecimal digits");
	expect_repeated(PROGRAM "{ object: a.o, sha256: ", "g", 64, " }\n",
			"a.yaml:4: sha256 must be 64 hexadecimal digits");
}

Test(config_wrong, refuses_a_path_too_long_for_the_manifest)
{
	expect_repeated(PROGRAM "{ object: /", "o", 1023, " }\n", "a.yaml:4: object is longer than 1023 bytes");
	expect_repeated(PROGRAM "{ object: ", "o", 1023, " }\n",
			"a.yaml:4: the path of object is longer than 1023 bytes");
}

Test(config_wrong, refuses_numbers_out_of_range)
{
	expect_wrong(FILTER "      prio: 0\n", "a.yaml:5: prio must be a number from 1 to 65535, not '0'");
	expect_wrong(FILTER "      prio: 65536\n", "a.yaml:5: prio must be a number from 1 to 65535, not '65536'");
	expect_wrong(FILTER "      prio: -1\n", "a.yaml:5: prio must be a number from 1 to 65535, not '-1'");
	expect_wrong(FILTER "      prio: ten\n", "a.yaml:5: prio must be a number from 1 to 65535, not 'ten'");
	expect_wrong(FILTER "      handle: 0x80000000\n",
		     "a.yaml:5: handle must be a number from 1 to 2147483647, not '0x80000000'");
	expect_wrong(PROGRAM "{ id: 4294967296 }\n",
		     "a.yaml:4: id must be a number from 1 to 4294967295, not '4294967296'");
}

Test(config_wrong, refuses_words_that_are_none)
{
	expect_wrong(FILTER "      continue-on:\n        - ok\n        - okay\n",
		     "a.yaml:7: continue-on takes ok, shot, stolen, trap and redirect, not 'okay'");
	expect_wrong(FILTER "      continue-on: unspec\n",
		     "a.yaml:5: continue-on cannot have unspec: a chain goes on behind it in any case");
	expect_wrong(FILTER "      continue-on:\n", "a.yaml:5: continue-on has no value");
	expect_wrong(FILTER "      mode: both\n", "a.yaml:5: mode must be da or classify, not 'both'");
	expect_wrong(FILTER "hooks:\n  - chain: edge\n    dev: a\n    at: root\n",
		     "a.yaml:8: at must be ingress, egress, xdp or parent MAJ:MIN, not 'root'");
	expect_wrong(FILTER "hooks:\n  - { chain: edge, dev: a, at: parent 1 }\n",
		     "a.yaml:6: at must be ingress, egress, xdp or parent MAJ:MIN, not 'parent 1'");
	expect_wrong(FILTER "hooks:\n  - { chain: edge, dev: a, at: egress, engine: fast }\n",
		     "a.yaml:6: engine must be tailcall, fused or kernel, not 'fast'");
}

Test(config_wrong, refuses_an_owner_that_nobody_can_be)
{
	expect_wrong(FILTER "      owner: a/b\n",
		     "a.yaml:5: 'a/b' cannot name an owner: 1 to 63 bytes, no '/', no control characters");
	expect_wrong(FILTER "      owner: \"a\\tb\"\n",
		     "a.yaml:5: 'a\\x09b' cannot name an owner: 1 to 63 bytes, no '/', no control characters");
	expect_wrong(FILTER "      owner: ''\n", "a.yaml:5: owner is empty");
	expect_wrong(FILTER "      owner: [you]\n", "a.yaml:5: owner must be one value");
	expect_repeated(FILTER "      owner: ", "o", 64, "\n", "a.yaml:5: owner is longer than 63 bytes");
}

Test(config_wrong, refuses_prios_that_fall)
{
	expect_wrong(FILTER "      prio: 20\n    - name: b\n      program: { id: 8 }\n      prio: 10\n",
		     "a.yaml:6: filter 'b' with prio 10 cannot run behind filter 'meter' with prio 20, on line 3");
	/* The one between says nothing, and changes nothing. */
	expect_wrong(FILTER "      prio: 20\n    - { name: b, program: { id: 8 } }\n"
		     "    - { name: c, program: { id: 8 }, prio: 0x13 }\n",
		     "a.yaml:7: filter 'c' with prio 19 cannot run behind filter 'meter' with prio 20, on line 3");
}

Test(config_wrong, refuses_a_handle_twice_in_one_prio)
{
	expect_wrong(FILTER "      prio: 20\n      handle: 3\n    - { name: b, program: { id: 8 }, prio: 20, handle: 4 }\n"
		     "    - name: c\n      program: { id: 8 }\n      prio: 20\n      handle: 0x3\n",
		     "a.yaml:8: filter 'c' cannot have handle 3 of prio 20: filter 'meter' has it, on line 3");
}

Test(config_wrong, refuses_a_hook_without_its_chain)
{
	expect_wrong(FILTER "hooks:\n  - { chain: edge, dev: a, at: egress }\n  - { chain: edges, dev: b, at: egress }\n",
		     "a.yaml:7: there is no chain 'edges'");
}

Test(config_wrong, refuses_two_hooks_on_one_place)
{
	expect_wrong(FILTER "hooks:\n  - { chain: edge, dev: a, at: egress }\n  - { chain: edge, dev: a, at: ingress }\n"
		     "  - { chain: edge, dev: a, at: egress }\n",
		     "a.yaml:8: dev a egress has a hook already, at a.yaml:6");
}

Test(config_wrong, tells_what_it_cannot_do_yet_from_what_it_does_not_know)
{
	static const char *const keys[] = { "match", "bytecode", "bytecode-file", "action", "actions", "classid",
					    "skip_sw", "skip_hw", "offload" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		auto_(mem) char *text = text_format(FILTER "      %s: [{ any: thing }]\n", keys[i]);
		auto_(mem) char *sentence = text_format("a.yaml:5: %s is not supported yet", keys[i]);

		expect_not_yet(text, sentence);
	}
	expect_not_yet(FILTER "      mode: classify\n", "a.yaml:5: mode classify is not supported yet");
}

Test(config_wrong, tells_hooks_that_it_cannot_make_yet)
{
	expect_not_yet("hooks:\n  - { chain: edge, dev: a, at: xdp }\n", "a.yaml:2: at xdp is not supported yet");
	expect_not_yet("hooks:\n  - { chain: edge, dev: a, at: \"parent 1:10\" }\n",
		       "a.yaml:2: at parent is not supported yet");
	expect_not_yet("hooks:\n  - { chain: edge, dev: a, at: egress, engine: fused }\n",
		       "a.yaml:2: engine fused is not supported yet");
	expect_not_yet("hooks:\n  - { chain: edge, dev: a, at: egress, engine: kernel }\n",
		       "a.yaml:2: engine kernel is not supported yet");
	expect_not_yet("hooks:\n  - { chain: edge, dev: a, at: egress, offload: true }\n",
		       "a.yaml:2: offload is not supported yet");
}
