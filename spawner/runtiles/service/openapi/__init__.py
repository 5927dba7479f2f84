"""The OpenAPI document of the REST API, made from the code that answers.

Paths come from the route table, parameters from patterns and signatures, bodies from the models that
validate. What neither tornado nor Python can tell, `@operation` says beside the method.
"""

from .operation import FLAG, PAGE, USER, Operation, Query, operation

__all__ = ["FLAG", "PAGE", "USER", "Operation", "Query", "operation"]
