"""The smallest market worth running: one lab, one fund, one government, and who serves them."""

import networkx as nx

from model import Ensemble, Market, Scenario

graph = nx.MultiDiGraph(start="2025-01", market_size=4e9)  # what customers spend a year [USD]

# One of each institution; they need no edges, but the lab buys its compute from the supplier.
graph.add_node("Supplier", kind="supplier", capacity=1e11)  # compute it can deliver [USD/year]
graph.add_node("Partners", kind="limited_partners")
graph.add_node("Workers", kind="workers")
graph.add_node("Economy", kind="economy")

graph.add_node("Land", kind="government", gdp=3e13, market_share=1.0, public_research=1e9,
               court_reach=0.8)
graph.add_node("Everybody", kind="customers")
graph.add_node("Lab", kind="frontier_lab", capability=28.5, efficiency=2.8, researchers=800,
               cash=5e9, brand=1.0, revenue=4e9)
graph.add_node("Fund", kind="venture_fund", cash=5e10, allowance=2e10)

graph.add_edge("Land", "Lab", kind="located")
graph.add_edge("Lab", "Land", kind="sells")
graph.add_edge("Lab", "Supplier", kind="buys")
graph.add_edge("Fund", "Lab", kind="watches")
graph.add_edge("Fund", "Lab", kind="stake", share=0.2, paid=2e9)

scenario = Scenario.load("baseline")
market = Market(scenario, seed=1, graph=graph).run_until("2026-12")  # live Mesa agents
runs = Ensemble(scenario, seeds=range(10), until="2026-12", graph=graph).run()  # compiled

print(market.frame()[["frontier_capability", "revenue", "equity"]].tail(3))
print(runs.shares())
