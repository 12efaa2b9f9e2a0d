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

    /// <summary>The names of what the optimizer updates for a parameter: itself and its moments.</summary>
    public static string[] StateOf(string parameter) => [parameter, FirstMomentOf(parameter), SecondMomentOf(parameter)];

    public static Graph Build(IEnumerable<Parameter> parameters, TrainingPlan plan)
    {
        var g = new Graph("optimizer");
        var rate = g.Input(LearningRate, ElementType.Float64, []);
        var step = g.Input(Step, ElementType.Int64, []); // number of this update, from 1
        var groups = plan.Groups.SelectMany(group => group.Names, (group, name) => (group, name)).ToDictionary(g => g.name, g => g.group, StringComparer.Ordinal);
        var rest = new ParameterGroup { Names = [] };
        foreach (var group in parameters.GroupBy(p => groups.GetValueOrDefault(p.Name, rest)))
        {
            using var scope = g.Scope(group.Key == rest ? "parameters" : $"group/{group.First().Name}");
            var constants = g.Constant(Constants(plan.Optimizer, group.Key), "adam");
            var groupRate = group.Key.RateFactor == 1 ? rate : rate * group.Key.RateFactor;
            foreach (var p in group) Update(g, p, groupRate, step, constants);
        }
        return g;
    }

    private static void Update(Graph g, Parameter p, Tensor rate, Tensor step, Tensor constants)
    {
        var names = StateOf(p.Name);
        var state = Array.ConvertAll(names, name => g.Input(name, p.Tensor.Type, p.Tensor.Shape));
        var gradient = g.Input(GradientOf(p.Name), p.Tensor.Type, p.Tensor.Shape);
        var updated = state[0].AdamStep(gradient, state[1], state[2], rate, step, constants);
        for (var i = 0; i < names.Length; i++) g.Output(Next(names[i]), updated[i]);
    }

    private static TensorData Constants(Adam adam, ParameterGroup group)
    {
        var decay = group.WeightDecay ?? adam.WeightDecay;
        return TensorData.Of([adam.Beta1, adam.Beta2, adam.Epsilon, adam.Decoupled ? 0 : decay, adam.Decoupled ? decay : 0]);
    }
}
