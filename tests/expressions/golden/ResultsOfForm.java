import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.*;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;

/** Reads lines {"form": XForm with answers in it}; writes {"results": the texts of all nodes named result} or {"error"}. */
public class ResultsOfForm {
  public static void main(String[] arguments) throws Exception {
    new JavaRosaCoreModule().registerModule();
    new XFormsModule().registerModule();
    ObjectMapper json = new ObjectMapper();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
    for (String line; (line = in.readLine()) != null; ) {
      Map<String, Object> answer = new LinkedHashMap<>();
      try {
        byte[] xml = json.readTree(line).path("form").asText().getBytes(StandardCharsets.UTF_8);
        FormDef form = XFormUtils.getFormRaw(new InputStreamReader(new ByteArrayInputStream(xml), StandardCharsets.UTF_8));
        form.initialize(true, new InstanceInitializationFactory());
        List<String> results = new ArrayList<>();
        collect(form.getMainInstance().getRoot(), results);
        answer.put("results", results);
      } catch (Throwable problem) {
        answer.put("error", String.valueOf(problem.getMessage()).split("\n")[0]);
      }
      out.println(json.writeValueAsString(answer));
    }
  }

  private static void collect(TreeElement element, List<String> results) {
    if (element.getMult() == TreeReference.INDEX_TEMPLATE) return;
    if (element.getName().equals("result")) {
      IAnswerData value = element.getValue();
      results.add(value == null ? "" : value.getDisplayText());
    }
    for (int i = 0; i < element.getNumChildren(); i++) collect(element.getChildAt(i), results);
  }
}
