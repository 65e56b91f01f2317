"""Decision trees as flat arrays: from LightGBM, and into one ONNX TreeEnsembleRegressor."""

from dataclasses import dataclass, field

import numpy as np
from onnx import helper

_NEVER_MISSING = "None"  # how LightGBM says that a split never saw a missing value
_GREATEST = float(np.finfo(np.float32).max)


@dataclass
class Forest:
    """Many trees whose leaves are added up. A node is `x[feature] <= threshold ? yes : no`.

    What all leaves have in common is in `base` and not in them: sums in float32 then stay exact.
    """

    tree: list = field(default_factory=list)
    node: list = field(default_factory=list)
    feature: list = field(default_factory=list)
    threshold: list = field(default_factory=list)
    yes: list = field(default_factory=list)
    no: list = field(default_factory=list)
    missing_yes: list = field(default_factory=list)
    leaf: list = field(default_factory=list)
    value: list = field(default_factory=list)
    trees: int = 0
    base: float = 0.0

    def add(self, booster, scale):
        """The trees of a LightGBM booster, each leaf times scale."""
        for tree in booster.dump_model()["tree_info"]:
            first = len(self.tree)
            self._grow(tree["tree_structure"], scale)
            self._centre(first)
            self.trees += 1
        return self

    def _centre(self, first):
        leaves = [i for i in range(first, len(self.tree)) if self.leaf[i]]
        mean = sum(self.value[i] for i in leaves) / len(leaves)
        self.base += mean
        for i in leaves:
            self.value[i] -= mean

    def _grow(self, root, scale):
        count = 0
        todo = [(root, self._slot())]
        while todo:
            split, at = todo.pop()
            self.tree[at], self.node[at] = self.trees, count
            count += 1
            if "leaf_value" in split and "split_feature" not in split:
                self.leaf[at], self.value[at] = True, split["leaf_value"] * scale
                continue
            self.feature[at] = split["split_feature"]
            self.threshold[at] = floor32(split["threshold"])
            self.missing_yes[at] = _missing_goes_yes(split)
            self.yes[at], self.no[at] = self._slot(), self._slot()
            todo.append((split["right_child"], self.no[at]))
            todo.append((split["left_child"], self.yes[at]))

    def _slot(self):
        for column in (self.tree, self.node, self.feature, self.yes, self.no):
            column.append(0)
        self.threshold.append(0.0)
        self.value.append(0.0)
        self.missing_yes.append(False)
        self.leaf.append(False)
        return len(self.tree) - 1

    def onnx_node(self, source, target):
        """One TreeEnsembleRegressor that reads source and writes the sum of the leaves to target."""
        ids = np.array(self.node)
        leaves = np.flatnonzero(self.leaf)
        inner = ~np.array(self.leaf)
        return helper.make_node(
            "TreeEnsembleRegressor", [source], [target], domain="ai.onnx.ml",
            aggregate_function="SUM", post_transform="NONE", n_targets=1,
            nodes_treeids=self.tree, nodes_nodeids=self.node, nodes_featureids=self.feature,
            nodes_modes=["LEAF" if leaf else "BRANCH_LEQ" for leaf in self.leaf],
            nodes_values=[float(t) for t in self.threshold],
            nodes_truenodeids=np.where(inner, ids[self.yes], 0).tolist(),
            nodes_falsenodeids=np.where(inner, ids[self.no], 0).tolist(),
            nodes_missing_value_tracks_true=[int(m) for m in self.missing_yes],
            target_treeids=[self.tree[i] for i in leaves], target_nodeids=[self.node[i] for i in leaves],
            target_ids=[0] * len(leaves), target_weights=[float(self.value[i]) for i in leaves],
        )


def floor32(threshold):
    """The greatest float32 not over threshold: `x <= threshold` then decides alike for float32 x."""
    rounded = np.float32(np.clip(threshold, -_GREATEST, _GREATEST))
    return np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > threshold else rounded


def _missing_goes_yes(split):
    if split["missing_type"] == _NEVER_MISSING:  # LightGBM then reads a missing value as 0
        return 0.0 <= split["threshold"]
    return bool(split["default_left"])
