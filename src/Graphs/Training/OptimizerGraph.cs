namespace LmmRec.Graphs;

/// <summary>The graph that turns parameters, gradients and moments into updated ones; one <c>AdamStep</c> per parameter.</summary>
internal static class OptimizerGraph
{
    public const string Step = "step", LearningRate = "learning_rate";

    public static string GradientOf(string parameter) => parameter + ".gradient";

    /// <summary>The name of a gradient among the outputs of the training graph of a further loss.</summary>
    public static string GradientOf(string parameter, string loss) => $"{GradientOf(parameter)}@{loss}";

    public static string FirstMomentOf(string parameter) => parameter + ".first_moment";

    public static string SecondMomentOf(string parameter) => parameter + ".second_moment";

    /// <summary>The name of the updated value among the graph's outputs.</summary>
    public static string Next(string name) => name + ".next";

    public static Graph Build(IEnumerable<Parameter> parameters, Adam adam)
    {
        var g = new Graph("optimizer");
        var rate = g.Input(LearningRate, ElementType.Float64, []);
        var step = g.Input(Step, ElementType.Int64, []); // number of this update, from 1
        var constants = g.Constant(TensorData.Of([adam.Beta1, adam.Beta2, adam.Epsilon, adam.Decoupled ? 0 : adam.WeightDecay, adam.Decoupled ? adam.WeightDecay : 0]), "adam");
        foreach (var p in parameters)
        {
            string[] names = [p.Name, FirstMomentOf(p.Name), SecondMomentOf(p.Name)];
            var state = Array.ConvertAll(names, name => g.Input(name, p.Tensor.Type, p.Tensor.Shape));
            var gradient = g.Input(GradientOf(p.Name), p.Tensor.Type, p.Tensor.Shape);
            var updated = state[0].AdamStep(gradient, state[1], state[2], rate, step, constants);
            for (var i = 0; i < names.Length; i++) g.Output(Next(names[i]), updated[i]);
        }
        return g;
    }
}
