// The option table: every option of the program as one row, made by visiting the options structs of the modules.  Reading the INI file,
// the environment and the command line, help, and writing the resolved configuration are loops over it.
#pragma once

#include <concepts>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace fgan {

struct Config;

struct OptionRow {
  std::string section;  // "train"; empty for an option that only one verb has
  Option option;
  std::string origin = "default";
  std::string default_value;
  const char* value_name = "";                // "N", "NUMBER", "FILE", ... for help
  std::span<const std::string_view> choices;  // of an enumeration
  bool is_flag = false, is_path = false;
  bool may_be_empty = false;                  // text whose default is empty
  std::function<void(std::string_view)> set;  // both throw and write to the options struct the row was made of
  std::function<std::string()> get;

  std::string name() const;              // "train.checkpoint_every"
  std::string long_name() const;         // "--train-checkpoint-every"
  std::string short_name() const;        // "--steps", "-n" or empty
  std::string environment_name() const;  // "FGAN_TRAIN_CHECKPOINT_EVERY"; empty without a section
};

// Visits options structs; the rows point into them.
class OptionTable {
 public:
  template <class... Structs>
  void section(std::string name, Structs&... options) {
    section_ = std::move(name);
    (options.describe(*this), ...);
  }

  template <class T>
  void operator()(const Option& option, T& member);

  std::vector<OptionRow>& rows() { return rows_; }
  const std::vector<OptionRow>& rows() const { return rows_; }
  OptionRow* find(std::string_view section, std::string_view key);
  std::vector<std::string_view> sections() const;
  std::vector<std::string_view> keys(std::string_view section) const;

 private:
  std::string section_;
  std::vector<OptionRow> rows_;
};

// The sections whose options [model] and [optimizer] fill when nobody sets them.
inline bool is_player(std::string_view section) { return section == "generator" || section == "critic"; }

// All options of a training run.  The table points into `config`.
OptionTable table_of(Config& config);

// A value and where it was found, for messages and as origin.
struct Assignment {
  std::string section, key, value;
  std::string origin;          // "config.ini:3", "command line"
  std::string where;           // "config.ini:3: ", or empty
  std::string name;            // as the user wrote it: "train.steps", "--steps", "FGAN_TRAIN_STEPS"
  const char* equals = "=";    // between name and value in messages
  std::filesystem::path base;  // what a relative path is relative to; empty: the working folder
};

inline constexpr std::size_t kLongestValue = 4096;  // bytes, as written; of paths as absolute ones: Linux opens no longer ones

// Sets the row that the assignment names, or throws Error(usage) that says where and what would have been right.
void assign(OptionTable& table, const Assignment& assignment);

template <class T>
const char* value_name() {
  if constexpr (std::is_same_v<T, double>) return "NUMBER";
  else if constexpr (std::is_integral_v<T>) return "N";
  else if constexpr (std::is_same_v<T, std::filesystem::path>) return "PATH";
  else if constexpr (std::is_same_v<T, std::vector<double>>) return "NUMBER,...";
  else if constexpr (std::is_enum_v<T>) return "NAME";
  else return "TEXT";
}

template <class T>
void OptionTable::operator()(const Option& option, T& member) {
  OptionRow row;
  row.section = section_;
  row.option = option;
  row.default_value = write_value(member);
  row.value_name = value_name<T>();
  row.is_flag = std::is_same_v<T, bool>;
  row.is_path = std::is_same_v<T, std::filesystem::path>;
  row.may_be_empty = row.default_value.empty();
  if constexpr (std::is_enum_v<T>) row.choices = EnumNames<T>::names;
  row.set = [option, &member](std::string_view text) { read_value(text, option, member); };
  row.get = [&member] { return write_value(member); };
  rows_.push_back(std::move(row));
}

}  // namespace fgan
