// Functions of two variables side by side as coloured panels: densities of data and generator, and what the critic says.
#pragma once

#include <string>
#include <vector>

#include "image/picture.h"

namespace fgan {

// density: from 0 to the greatest value of all density fields of the plot, so that they can be compared.
// signed_values: blue below `centre`, white at it, red above, as far on both sides.
enum class Scale { density, signed_values };

struct Field {
  std::string title;
  int columns, rows;
  std::vector<double> values;  // row by row, the first row at y_min; what is not finite is grey
  Scale scale = Scale::density;
  double centre = 0;  // of signed_values: where the critic has no opinion
};

struct FieldPlot {
  double x_min, x_max, y_min, y_max;
  std::vector<Field> fields;
  int panel = 360;  // pixels of a panel's longer side
};

Picture draw(const FieldPlot& plot);

}  // namespace fgan
