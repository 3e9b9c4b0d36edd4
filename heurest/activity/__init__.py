"""Switching activity and influence: how often wires of boolean circuits change, and which inputs change them."""

from heurest.activity.influences import influence as influence
from heurest.activity.records import Influence as Influence
from heurest.activity.records import SwitchingActivity as SwitchingActivity
from heurest.activity.switching import switching_activity as switching_activity
