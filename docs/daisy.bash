# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Completion of daisy(8) for bash. Names of chains and filters are asked of daisy itself, quietly: without
# privileges there are none.

# Words of $1 that begin with what is being typed.
_daisy_words()
{
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Lines of standard input that begin with what is being typed, quoted for the shell.
_daisy_lines()
{
	local line
	while IFS= read -r line; do
		[[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
	done
}

_daisy_files()
{
	compopt -o filenames 2> /dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_daisy_devices()
{
	if [[ -z ${netns[*]} ]]; then
		_daisy_lines < <(ls /sys/class/net 2> /dev/null)
	elif [[ ${netns[1]} != */* ]]; then
		_daisy_lines < <(ip -netns "${netns[1]}" -o link show 2> /dev/null | sed 's/^[0-9]*: \([^:@]*\).*/\1/')
	fi
}

# `daisy -j show` of the target $@, or of all; only names that need no unescaping.
_daisy_show()
{
	"${words[0]}" "${netns[@]}" -j show "$@" 2> /dev/null | tr '\n' ' '
}

_daisy_chains()
{
	_daisy_lines < <(_daisy_show | grep -o '"chain": *"[^"\\]*"' | sed 's/^[^:]*: *"//; s/"$//' | sort -u)
}

# A filter has an owner behind its name; what others put on the hook has none.
_daisy_filters()
{
	_daisy_lines < <(_daisy_show "${target[@]}" | grep -o '"name": *"[^"\\]*", *"owner"' |
		sed 's/^[^:]*: *"//; s/", *"owner"$//' | sort -u)
}

# What may follow the options' own words; fails when $prev asks for nothing.
_daisy_value()
{
	case $prev in
	obj | bytecode-file) _daisy_files ;;
	pinned)
		[[ -n $cur ]] || cur=/sys/fs/bpf/
		_daisy_files
		;;
	before | after) _daisy_filters ;;
	continue-on) _daisy_words "unspec ok shot stolen trap redirect" ;;
	engine) _daisy_words "tailcall" ;;
	sec) _daisy_words "tc tc/ingress tc/egress tcx/ingress tcx/egress classifier" ;;
	id | prog | prio | handle | classid | match | bytecode | action | --expect) ;;
	*) return 1 ;;
	esac
}

# Words from $1 on, the first one behind the command; leaves in $target what is written of TARGET.
# $2: "chain dev" for the forms that are allowed. Fails when TARGET is complete and something follows.
_daisy_target()
{
	local at=$1 forms=$2
	target=("${words[@]:at:3}")
	case ${words[at]} in
	dev)
		case $((cword - at)) in
		1) _daisy_devices ;;
		2) _daisy_words "ingress egress" ;;
		*) ((cword == at)) && _daisy_words "$forms" || return 1 ;;
		esac
		;;
	chain)
		target=("${words[@]:at:2}")
		case $((cword - at)) in
		0) _daisy_words "$forms" ;;
		1) _daisy_chains ;;
		*) return 1 ;;
		esac
		;;
	*) ((cword == at)) && _daisy_words "$forms" ;;
	esac
	return 0
}

# TARGET NAME and what follows: $1 is where it begins, $2 the options, $3 whether NAME is there already.
_daisy_filter()
{
	_daisy_target "$1" "dev chain" && return
	if ((cword == $1 + ${#target[@]})); then
		[[ $3 == new ]] || _daisy_filters
		return
	fi
	_daisy_value || _daisy_words "$2"
}

_daisy_hook_of_chain()
{
	_daisy_target "$1" chain && return
	_daisy_target "$(($1 + 2))" dev || _daisy_words "$2"
}

_daisy_command()
{
	local change="--expect --force --dry-run" target=()
	local filter="sec prog prio handle before after continue-on da engine $change"
	case ${words[$1 - 1]} in
	add) _daisy_filter "$1" "obj pinned id $filter" new ;;
	replace) _daisy_filter "$1" "obj pinned id $filter --fresh-maps" old ;;
	del) _daisy_filter "$1" "$change" old ;;
	move) _daisy_filter "$1" "before after $change" old ;;
	flush) _daisy_target "$1" "dev chain" || _daisy_words "$change" ;;
	show)
		if [[ ${words[$1]} == -s || ${words[$1]} == --stats ]] && ((cword > $1)); then
			_daisy_target $(($1 + 1)) "dev chain"
		else
			_daisy_target "$1" "dev chain -s --stats" || _daisy_words "-s --stats"
		fi
		;;
	export) _daisy_target "$1" "dev chain" ;;
	plan | apply)
		if [[ $cur == -* ]]; then
			_daisy_words "--prune $change"
		elif [[ $prev != --expect ]]; then
			_daisy_files
		fi
		;;
	attach | detach) _daisy_hook_of_chain "$1" "$change" ;;
	help) ((cword == $1)) && _daisy_words "$commands" ;;
	esac
}

_daisy()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words=("${COMP_WORDS[@]}") cword=$COMP_CWORD netns=() i
	local commands="add replace del move flush show plan apply export attach detach doctor version help"
	COMPREPLY=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-n | --netns)
			netns=(-n "${words[++i]}")
			((i == cword)) && { _daisy_lines < <(ls /run/netns 2> /dev/null); return; }
			;;
		-o | --owner) ((++i == cword)) && return ;;
		-*) ;;
		*)
			_daisy_command $((i + 1))
			return 0
			;;
		esac
	done
	if [[ $cur == -* ]]; then
		_daisy_words "-j --json -n --netns -o --owner -h --help -V --version"
	else
		_daisy_words "$commands"
	fi
}

complete -F _daisy daisy
