// greffe completion: scripts for shells, made from the commands as they are registered.
#include <memory>
#include <set>

#include "clients/cli/commands.h"

namespace greffe::cli {
namespace {

// A command as the command line names it, with all that may follow it.
struct Node {
  std::string path;  // "project create"; empty for the program itself
  std::string help;
  std::vector<const CLI::App*> commands;
  std::vector<const CLI::Option*> options;
};

// The options of a command and of the program, which go everywhere, in the order of their registration.
std::vector<const CLI::Option*> OptionsOf(const CLI::App& root, const CLI::App& app) {
  std::vector<const CLI::Option*> options;
  std::set<std::string> seen;
  for (const CLI::App* from : {&app, &root}) {
    for (const CLI::Option* option : from->get_options()) {
      if (option->get_positional() || option->get_lnames().empty()) continue;
      if (seen.insert(option->get_lnames().front()).second) options.push_back(option);
    }
  }
  return options;
}

void Walk(const CLI::App& root, const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node{path, app.get_description(), {}, OptionsOf(root, app)};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.commands.push_back(command);
  }
  nodes.push_back(node);
  for (const CLI::App* command : node.commands) {
    Walk(root, *command, path.empty() ? command->get_name() : path + " " + command->get_name(), nodes);
  }
}

// Within single quotes of any of the shells.
std::string Quote(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'') continue;
    quoted += c;
  }
  return "'" + quoted + "'";
}

bool TakesValue(const CLI::Option& option) { return option.get_expected_max() > 0 && option.get_type_size() != 0; }

std::string Bash(const std::vector<Node>& nodes) {
  std::string script =
      "# bash completion of greffe; source it, or save it as ~/.local/share/bash-completion/completions/greffe\n"
      "_greffe() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" command='' word skip=0\n"
      "  local words=''\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"${command:+$command }$word\" in\n";
  for (const Node& node : nodes) {
    if (!node.path.empty()) script += "      " + Quote(node.path) + ") command=" + Quote(node.path) + " ;;\n";
  }
  script +=
      "    esac\n"
      "  done\n"
      "  case \"$previous\" in\n"
      "    --output) COMPREPLY=($(compgen -W 'table json' -- \"$current\")); return ;;\n"
      "    -o|--out|--file|--rendition|--attachment) mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
      "  esac\n"
      "  case \"$command\" in\n";
  for (const Node& node : nodes) {
    std::string words;
    for (const CLI::App* command : node.commands) words += command->get_name() + " ";
    for (const CLI::Option* option : node.options) words += "--" + option->get_lnames().front() + " ";
    script += "    " + Quote(node.path) + ") words=" + Quote(words) + " ;;\n";
  }
  script +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  if [[ ${#COMPREPLY[@]} -eq 0 && \"$current\" != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "
      "\"$current\"); fi\n"
      "}\n"
      "complete -o filenames -F _greffe greffe\n";
  return script;
}

std::string Zsh(const std::vector<Node>& nodes) {
  std::string script =
      "#compdef greffe\n"
      "# zsh completion of greffe; save it as _greffe in a folder of $fpath\n"
      "_greffe() {\n"
      "  local command='' word\n"
      "  local -a candidates\n"
      "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
      "    case \"${command:+$command }$word\" in\n";
  for (const Node& node : nodes) {
    if (!node.path.empty()) script += "      " + Quote(node.path) + ") command=" + Quote(node.path) + " ;;\n";
  }
  script +=
      "    esac\n"
      "  done\n"
      "  case \"$command\" in\n";
  const auto described = [](const std::string& name, const std::string& help) {
    std::string text = name + ":";
    for (const char c : help) text += c == '\n' ? ' ' : c;
    return Quote(text);
  };
  for (const Node& node : nodes) {
    script += "    " + Quote(node.path) + ") candidates=(";
    for (const CLI::App* command : node.commands) {
      script += "\n      " + described(command->get_name(), command->get_description());
    }
    for (const CLI::Option* option : node.options) {
      script += "\n      " + described("--" + option->get_lnames().front(), option->get_description());
    }
    script += ") ;;\n";
  }
  script +=
      "  esac\n"
      "  _describe greffe candidates || _files\n"
      "}\n"
      "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _greffe \"$@\"; else compdef _greffe greffe; fi\n";
  return script;
}

std::string Fish(const std::vector<Node>& nodes) {
  std::string script = "# fish completion of greffe; save it as ~/.config/fish/completions/greffe.fish\n";
  for (const Node& node : nodes) {
    // Where the commands before the cursor are exactly those of this node.
    std::string condition = "__fish_use_subcommand";
    if (!node.path.empty()) {
      condition.clear();
      for (std::size_t begin = 0; begin <= node.path.size();) {
        const std::size_t end = std::min(node.path.find(' ', begin), node.path.size());
        condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                     node.path.substr(begin, end - begin);
        begin = end + 1;
      }
    }
    const std::string begin = "complete -c greffe -n " + Quote(condition);
    for (const CLI::App* command : node.commands) {
      script += begin + " -a " + Quote(command->get_name()) + " -d " + Quote(command->get_description()) + "\n";
    }
    for (const CLI::Option* option : node.options) {
      script += begin + " -l " + option->get_lnames().front();
      if (!option->get_snames().empty()) script += " -s " + option->get_snames().front();
      if (TakesValue(*option)) script += " -r";
      script += " -d " + Quote(option->get_description()) + "\n";
    }
  }
  return script;
}

}  // namespace

void AddCompletionCommand(Program& program) {
  CLI::App* const completion = program.app.add_subcommand("completion", "Print a shell's completion script");
  const auto shell = std::make_shared<std::string>();
  completion->footer("For this bash: source <(greffe completion bash)");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  OnCall(program, completion, [&program, shell] {
    std::vector<Node> nodes;
    Walk(program.app, program.app, "", nodes);
    program.session.out() << (*shell == "bash" ? Bash(nodes) : *shell == "zsh" ? Zsh(nodes) : Fish(nodes));
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
