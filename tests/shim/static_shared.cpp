// Where the __shared__ arrays of all kernels lie: static variables of functions in fgan::kernels, found by their names in the symbol table
// of the running program, because GCC gives those of templates no section of their own.
#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "shim/asan.h"
#include "shim/block.h"

namespace fgan::shim {
namespace {

constexpr const char* kPrefix = "_ZZN4fgan7kernels";

// What the system added to the addresses in the file when it loaded the program.
std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* program, std::size_t, void* result) {
        *static_cast<std::uintptr_t*>(result) = program->dlpi_addr;
        return 1;  // the program itself comes first
      },
      &address);
  return address;
}

template <class T>
const T* at(const std::vector<char>& file, std::size_t offset) {
  return static_cast<const T*>(static_cast<const void*>(file.data() + offset));
}

// Without the guard that Clang's address sanitizer counts as part of a variable.
StaticArray watched(StaticArray array) {
#if defined(FGAN_ASAN)
  if (const void* guard = __asan_region_is_poisoned(array.data, array.bytes))
    array.bytes = static_cast<std::size_t>(static_cast<const char*>(guard) - static_cast<const char*>(array.data));
#endif
  return array;
}

}  // namespace

std::vector<StaticArray> static_shared() {
  std::ifstream stream("/proc/self/exe", std::ios::binary);
  const std::vector<char> file{std::istreambuf_iterator<char>(stream), {}};
  const auto& header = *at<ElfW(Ehdr)>(file, 0);
  const auto* sections = at<ElfW(Shdr)>(file, header.e_shoff);
  std::vector<StaticArray> found;
  for (const auto* table = sections; table < sections + header.e_shnum; ++table) {
    if (table->sh_type != SHT_SYMTAB) continue;
    const char* names = at<char>(file, sections[table->sh_link].sh_offset);
    const auto* symbols = at<ElfW(Sym)>(file, table->sh_offset);
    for (const auto* symbol = symbols; symbol < symbols + table->sh_size / sizeof *symbols; ++symbol) {
      const bool variable = ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT && symbol->st_shndx < header.e_shnum;
      if (!variable || !(sections[symbol->st_shndx].sh_flags & SHF_WRITE)) continue;
      if (std::strncmp(names + symbol->st_name, kPrefix, std::strlen(kPrefix)) != 0) continue;
      found.push_back(watched({reinterpret_cast<void*>(load_address() + symbol->st_value), symbol->st_size}));
    }
  }
  return found;
}

}  // namespace fgan::shim
