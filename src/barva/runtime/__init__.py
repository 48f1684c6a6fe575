"""The one place that knows ONNX Runtime: weights, sessions, providers."""
