// Plots of one-dimensional data: densities on the left axis, the critic on the right.
#pragma once

#include <string>
#include <vector>

#include "image/canvas.h"
#include "image/picture.h"

namespace fgan {

enum class Side { left, right };
enum class Stroke { line, dashed, area };  // area: a line and the space below it tinted

struct Series {
  std::string name;
  Colour colour;
  std::vector<double> x, y;  // equally long; a y that is not finite interrupts the line
  Side side = Side::left;
  Stroke stroke = Stroke::line;
};

struct LinePlot {
  std::string title, x_label, left_label, right_label;
  std::vector<Series> series;
  int width = 960, height = 600;
};

// The left axis begins at 0, being meant for densities; the right axis exists when a series uses it.
Picture draw(const LinePlot& plot);

}  // namespace fgan
